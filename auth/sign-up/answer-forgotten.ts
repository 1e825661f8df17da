import type { Connection } from 'mongoose'
import { createMailQueue } from '../../mail/mail-queue.ts'
import { formToken, isOurForm } from '../form-token.ts'
import { forgottenPage } from '../pages/forgotten-page.ts'
import { messagePage } from '../pages/message-page.ts'
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
    readonly cookieSecret: Uint8Array
    readonly connection: Connection
    readonly now: () => Date
  },
  request: PageRequest,
): Promise<PageAnswer> {
  const { desk, attempts, logins, cookieSecret, connection, now } = dependencies
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
  const [people, signsIn, admitted] = await Promise.all([
    desk.people(email),
    logins.memberOf(email),
    attempts.admit(`forgotten mail ${email}`, mostMailsADay, dayMs),
  ])
  // An address may have been made a member of other organizations too, by whoever administers those.
  const person = people.find(({ memberId }) => memberId === signsIn) ?? people[0]
  if (person !== undefined && admitted) {
    const mail = { kind: 'password-reset', to: person.email, facts: { name: person.name } } as const
    await createMailQueue(connection).add(null, { ...mail, link: ['password', person.memberId] }, now())
  }
  const text = 'If there is an account with this address, a mail with a link is on its way to it.'
  return { status: 200, body: messagePage('Look into your mailbox', text) }
}
