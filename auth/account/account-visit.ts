import type { AccountFrame } from '../pages/account-page.ts'
import type { DeclaredWords } from '../pages/scope-words.ts'
import type { AttemptLimit } from '../sign-in/attempts.ts'
import type { SignUpDesk } from '../sign-up/desk.ts'
import type { AccountDesk } from './account-desk.ts'

/** A request of somebody who is signed in, for one of the account pages. */
export interface AccountVisit {
  readonly frame: AccountFrame
  readonly own: AccountDesk
  readonly desk: SignUpDesk
  readonly attempts: AttemptLimit
  /** Scopes of published subgraphs in words. */
  readonly declaredScopes: () => Promise<DeclaredWords>
  /** Where this process reaches the graph. */
  readonly graphCalled: string
  /** Null for a GET. */
  readonly form: URLSearchParams | null
  readonly query: URLSearchParams
}
