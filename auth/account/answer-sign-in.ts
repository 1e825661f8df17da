import type { Directory } from '../directory.ts'
import { formToken, isOurForm } from '../form-token.ts'
import { accountSignInPage } from '../pages/account-sign-in-page.ts'
import type { Logins } from '../sign-in/logins.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import { type AccountSessions, sessionMs } from './sessions.ts'

export const accountCookie = 'trb_account'

/** Signs a person in on the account pages. A member who may not act is told no more than a stranger. */
export async function answerSignIn(
  dependencies: {
    readonly directory: Directory
    readonly logins: Logins
    readonly sessions: AccountSessions
    readonly cookieSecret: Uint8Array
  },
  request: PageRequest,
): Promise<PageAnswer> {
  const { directory, logins, sessions, cookieSecret } = dependencies
  const { form, address } = request
  const { csrf, cookies } = formToken(cookieSecret, request)
  const email = form?.get('email') ?? ''
  const show = (status: number, refusal?: string): PageAnswer => ({
    status,
    body: accountSignInPage({ csrf, email, refusal }),
    cookies,
  })
  if (form === null) return show(200)
  if (!isOurForm(cookieSecret, request)) {
    return show(403, 'This page was open for too long, or cookies are off. Send it once more.')
  }
  const outcome = await logins.signIn({ email, password: form.get('password') ?? '', address })
  if (outcome.kind === 'too many attempts') return show(429, 'Too many attempts. Try again in a quarter of an hour.')
  const member = outcome.kind === 'signed in' ? await directory.findMember(outcome.memberId) : undefined
  if (member === undefined) return show(401, 'The e-mail address or the password is not right.')
  const value = await sessions.begin(member.memberId)
  return {
    to: '/oauth/account',
    cookies: [{ name: accountCookie, value, path: '/oauth/account', maxAgeMs: sessionMs }],
  }
}
