import type { GraphTexts } from './schema-workshop.ts'

/** A document of an app, as it will be asked. */
export interface TrialDocument {
  readonly text: string
  /** What its app holds. */
  readonly scopes: readonly string[]
  /** The contracts and versions on whose paths its app calls besides. */
  readonly editions?: readonly string[]
}

/** Documents to try against a graph that is to be served instead of another one. */
export interface DocumentTrial {
  readonly before: GraphTexts
  readonly after: GraphTexts
  /** The schemas of contracts and versions of both by name; on one that either lacks nothing is tried. */
  readonly editions?: { readonly before: ReadonlyMap<string, string>; readonly after: ReadonlyMap<string, string> }
  readonly documents: readonly TrialDocument[]
  /** After so long no further document is begun. */
  readonly budgetMs: number
}

/** How an operation of a document would fare otherwise than it does. */
export interface OperationVerdict {
  /** Which of the documents, from 0. */
  readonly document: number
  /** Null for an operation without a name, and for a fault of the document as a whole. */
  readonly operationName: string | null
  /** The contract or version on whose path it would fail though not on the whole graph's; null for the latter. */
  readonly edition: string | null
  /** Why it would fail, and where in the document; null where it would not. */
  readonly failure: { readonly message: string; readonly line: number; readonly column: number } | null
  /** Points by the estimate; null for one that would fail. */
  readonly cost: { readonly before: number; readonly after: number } | null
  /** What it asks for now, as usage counts it: fields and their arguments. */
  readonly uses: readonly string[]
}

export interface TrialFindings {
  /** Operations that work now and would fail, and those that would cost more. */
  readonly verdicts: readonly OperationVerdict[]
  /** How many documents were tried, from the first on. */
  readonly tried: number
  /** Why gateways could serve nothing of the later graph; null where they can. */
  readonly refusal: string | null
}
