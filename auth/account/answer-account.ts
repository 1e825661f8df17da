import { createHmac } from 'node:crypto'
import type { AskSubgraph, Directory } from '../directory.ts'
import { isSameText } from '../form-token.ts'
import { messagePage } from '../pages/message-page.ts'
import type { AttemptLimit } from '../sign-in/attempts.ts'
import type { Logins } from '../sign-in/logins.ts'
import type { SignUpDesk } from '../sign-up/desk.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import { createAccountDesk } from './account-desk.ts'
import { answerApplications } from './answer-applications.ts'
import { answerApp, answerApps, answerFirstCall, answerNewApp } from './answer-apps.ts'
import { answerMembers } from './answer-members.ts'
import { accountCookie, answerSignIn } from './answer-sign-in.ts'
import type { AccountVisit } from './account-visit.ts'
import type { AccountSessions } from './sessions.ts'

export interface AccountDependencies {
  readonly ask: AskSubgraph
  readonly desk: SignUpDesk
  readonly directory: Directory
  readonly logins: Logins
  readonly attempts: AttemptLimit
  readonly sessions: AccountSessions
  readonly cookieSecret: Uint8Array
  /** Where the graph is, as people and as this process reach it. */
  readonly graph: { readonly shown: () => string; readonly called: () => string }
}

const pages: Readonly<Record<string, (visit: AccountVisit) => Promise<PageAnswer>>> = {
  '': answerApps,
  '/new-app': answerNewApp,
  '/app': answerApp,
  '/first-call': answerFirstCall,
  '/members': answerMembers,
  '/applications': answerApplications,
}

const root = '/oauth/account'

/** The pages of a member who is signed in: apps, keys, a first call, members, and for the operator applications. */
export async function answerAccount(dependencies: AccountDependencies, request: PageRequest): Promise<PageAnswer> {
  const { directory, sessions, cookieSecret, ask, graph, attempts, desk } = dependencies
  const { path, form, query, cookie } = request
  const place = path.slice(root.length).replace(/\/$/, '')
  if (place === '/sign-in') return answerSignIn(dependencies, request)
  const token = cookie(accountCookie)
  const memberId = token === undefined ? undefined : await sessions.find(token)
  // Looked up each time: who is a member no more is signed out at once.
  const member = memberId === undefined ? undefined : await directory.findMember(memberId)
  if (token === undefined || member === undefined) return { to: `${root}/sign-in` }
  const csrf = createHmac('sha256', cookieSecret).update(`account ${token}`).digest('base64url')
  if (form !== null && !isSameText(csrf, form.get('csrf') ?? '')) {
    return { status: 403, body: messagePage('This did not work', 'The form was not ours. Go back and send it again.') }
  }
  if (place === '/sign-out' && form !== null) {
    await sessions.end(token)
    return { to: `${root}/sign-in`, cookies: [{ name: accountCookie, value: '', path: root, maxAgeMs: 0 }] }
  }
  const answer = Object.hasOwn(pages, place) ? pages[place] : undefined
  if (answer === undefined) {
    const next = { href: root, label: 'Your apps' }
    return { status: 404, body: messagePage('There is no such page', 'The address is not right.', undefined, next) }
  }
  const own = createAccountDesk(ask, member)
  const frame = { member, csrf, decides: own.decides, graphUrl: graph.shown() }
  const declaredScopes = () => directory.declaredScopes()
  return answer({ frame, own, desk, attempts, declaredScopes, graphCalled: graph.called(), form, query })
}
