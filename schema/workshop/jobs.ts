import type { Contracts } from '../../kit/contracts.ts'
import type { Config } from '../../kit/config.ts'
import type { DocumentTrial } from '../../kit/document-trial.ts'
import type { Candidate, GraphTexts, SubgraphText } from '../../kit/schema-workshop.ts'

/** What a workshop's process is asked to do. */
export type Job =
  | { readonly kind: 'check'; readonly candidate: Candidate }
  | { readonly kind: 'compose'; readonly services: readonly SubgraphText[] }
  | { readonly kind: 'compare'; readonly before: GraphTexts; readonly after: GraphTexts }
  | { readonly kind: 'editions'; readonly supergraphSdl: string; readonly contracts: Contracts }
  | { readonly kind: 'try'; readonly trial: DocumentTrial; readonly planner: Config['PLANNER'] }
  | { readonly kind: 'load'; readonly supergraphSdl: string }

/** What came of it: a reason in words where it could not be done. */
export type JobOutcome = { readonly done: unknown } | { readonly failed: string }
