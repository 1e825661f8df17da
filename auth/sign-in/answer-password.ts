import type { AccountSessions } from '../account/sessions.ts'
import type { Directory } from '../directory.ts'
import { messagePage } from '../pages/message-page.ts'
import { passwordPage } from '../pages/password-page.ts'
import type { Logins } from './logins.ts'
import { type PasswordTicket, readPasswordTicket } from './password-ticket.ts'

const shortest = 12

export interface PasswordAnswer {
  readonly status: number
  readonly body: string
}

/** The page on which a member chooses a password; its ticket is in the link, then in the form. */
export async function answerPassword(
  {
    ticketKey,
    logins,
    directory,
    sessions,
    now,
  }: {
    readonly ticketKey: Uint8Array
    readonly logins: Logins
    readonly directory: Directory
    readonly sessions: AccountSessions
    readonly now: () => Date
  },
  { ticket, form }: { readonly ticket: string; readonly form: URLSearchParams | null },
): Promise<PasswordAnswer> {
  const known = readPasswordTicket(ticketKey, ticket, now())
  const person = known && (await isUnused(known, logins)) ? await directory.findMember(known.memberId) : undefined
  if (person === undefined) {
    const text = 'This link is used, too old, or not whole. Ask for another.'
    return { status: 400, body: messagePage('This link does not work', text) }
  }
  const show = (status: number, refusal?: string): PasswordAnswer => ({
    status,
    body: passwordPage({ ticket, person, refusal }),
  })
  if (form === null) return show(200)
  const password = form.get('password') ?? ''
  if (password.length < shortest) return show(422, `A password has at least ${shortest} characters.`)
  if (password !== form.get('again')) return show(422, 'The two passwords are not the same.')
  if (!(await logins.set(person.memberId, person.email, password))) {
    return show(409, 'Somebody of another organization signs in with this e-mail address already.')
  }
  await sessions.endAll(person.memberId)
  const next = { href: '/oauth/account', label: 'Sign in' }
  const text = 'You can sign in with it here, and where an app asks you to.'
  return { status: 200, body: messagePage('The password is set', text, undefined, next) }
}

async function isUnused({ memberId, issuedAt }: PasswordTicket, logins: Logins): Promise<boolean> {
  const changedAt = await logins.changedAt(memberId)
  return changedAt === null || changedAt < issuedAt
}
