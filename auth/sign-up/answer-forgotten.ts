import type { Connection } from 'mongoose'
import { createMailQueue } from '../../mail/mail-queue.ts'
import { formToken, isOurForm } from '../form-token.ts'
import { forgottenPage } from '../pages/forgotten-page.ts'
import { messagePage } from '../pages/message-page.ts'
import type { Directory } from '../directory.ts'
import type { AttemptLimit } from '../sign-in/attempts.ts'
import type { Logins } from '../sign-in/logins.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import type { SignUpDesk } from './desk.ts'

const mostPerAddress = 20
const mostMailsADay = 3
const dayMs = 24 * 60 * 60 * 1000

/** Sends a link to choose a new password, to whoever has an account; says the same to everybody. */
export async function answerForgotten(
  dependencies: {
    readonly desk: SignUpDesk
    readonly attempts: AttemptLimit
    readonly logins: Pick<Logins, 'memberOf'>
    readonly directory: Pick<Directory, 'findMember'>
    readonly cookieSecret: Uint8Array
    readonly connection: Connection
    readonly now: () => Date
  },
  request: PageRequest,
): Promise<PageAnswer> {
  const { desk, attempts, cookieSecret, connection, now } = dependencies
  const { form, address } = request
  const { csrf, cookies } = formToken(cookieSecret, request)
  if (form === null) return { status: 200, body: forgottenPage({ csrf, email: '' }), cookies }
  const email = (form.get('email') ?? '').trim().toLowerCase()
  if (!isOurForm(cookieSecret, request)) {
    const refusal = 'This page was open for too long, or cookies are off. Send it once more.'
    return { status: 403, body: forgottenPage({ csrf, email, refusal }), cookies }
  }
  if (!(await attempts.admit(`forgotten ${address}`, mostPerAddress))) {
    return { status: 429, body: messagePage('Too many attempts', 'Try again in a quarter of an hour.') }
  }
  const [signsIn, [other], admitted] = await Promise.all([
    memberSignedIn(dependencies, email),
    desk.people(email),
    attempts.admit(`forgotten mail ${email}`, mostMailsADay, dayMs),
  ])
  const person = signsIn ?? other
  if (person !== undefined && admitted) {
    const mail = { kind: 'password-reset', to: person.email, facts: { name: person.name } } as const
    await createMailQueue(connection).add(null, { ...mail, link: ['password', person.memberId] }, now())
  }
  const text = 'If there is an account with this address, a mail with a link is on its way to it.'
  return { status: 200, body: messagePage('Look into your mailbox', text) }
}

/** Whom an address signs in: it may be that of members of other organizations too, made by who administers those. */
async function memberSignedIn(
  { logins, directory }: { logins: Pick<Logins, 'memberOf'>; directory: Pick<Directory, 'findMember'> },
  email: string,
) {
  const memberId = await logins.memberOf(email)
  return memberId === null ? undefined : directory.findMember(memberId)
}
