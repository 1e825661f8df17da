import type { Connection } from 'mongoose'
import { type AccountDependencies, answerAccount } from './account/answer-account.ts'
import { paths } from './oauth/paths.ts'
import { answerApplication } from './sign-up/answer-application.ts'
import { answerConfirmation } from './sign-up/answer-confirmation.ts'
import { answerForgotten } from './sign-up/answer-forgotten.ts'
import { answerInvitation } from './sign-up/answer-invitation.ts'
import type { PageHandler } from './web-page.ts'

export interface PageDependencies extends AccountDependencies {
  readonly connection: Connection
  readonly ticketKey: Uint8Array
  readonly now: () => Date
}

/** The page that stands at a path beside the OAuth flows; undefined where there is none. */
export function pageAt(path: string, dependencies: PageDependencies): PageHandler | undefined {
  if (path === paths.apply) return (request) => answerApplication(dependencies, request)
  if (path === `${paths.apply}/confirm`) return (request) => answerConfirmation(dependencies, request)
  if (path === paths.forgotten) return (request) => answerForgotten(dependencies, request)
  if (path === paths.invitation) return (request) => answerInvitation(dependencies, request)
  const isAccount = path === paths.account || path.startsWith(`${paths.account}/`)
  return isAccount ? (request) => answerAccount(dependencies, request) : undefined
}
