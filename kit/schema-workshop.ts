import type { Contracts, ContractsBefore, EditionTexts } from './contracts.ts'
import type { EventTypeDeclaration } from './declared-event-types.ts'
import type { DocumentTrial, TrialFindings } from './document-trial.ts'

/** A subgraph as composition takes it. */
export interface SubgraphText {
  readonly name: string
  /** Where it is reached; becomes its routing URL in the supergraph. */
  readonly url: string
  readonly sdl: string
}

/** Something wrong, or worth mending, in the SDL of a subgraph. */
export interface SchemaProblem {
  /** What is an error is not published. */
  readonly severity: 'ERROR' | 'WARNING'
  /** Which check has found it, for example `SYNTAX`, `SATISFIABILITY` or `NAMING`. */
  readonly rule: string
  readonly message: string
  /** The subgraph whose text `line` and `column` lie in. */
  readonly subgraph: string
  /** For example `Loyalty.points`; null where the text as a whole is at fault. */
  readonly coordinate: string | null
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** How to mend it. */
  readonly hint: string | null
  /** The query that no plan could answer, where it is that. */
  readonly query: string | null
}

/** How the graph that clients see would differ. */
export interface SchemaChange {
  readonly criticality: 'BREAKING' | 'DANGEROUS' | 'SAFE'
  /** For example `FIELD_REMOVED`. */
  readonly kind: string
  readonly message: string
  /** Where, for example `Loyalty.points`; null for the schema as a whole. */
  readonly coordinate: string | null
  /** Coordinates as usage counts them: who uses one of these would notice. */
  readonly usedBy: readonly string[]
  /**
   * Of access that became narrower: what each of these coordinates asks for and would ask for. Who is let in by the
   * first and by the second does not notice. Absent for other changes.
   */
  readonly access?: readonly NarrowedAccess[]
  /** Where the text of the changed subgraph makes it; absent for what is no longer in it. */
  readonly place?: { readonly line: number; readonly column: number }
  /** The contracts whose clients see it; absent where that was not looked at. */
  readonly contracts?: readonly string[]
  /**
   * The contracts and versions whose clients would notice it, null being the whole graph: whoever used it elsewhere loses
   * nothing. Absent where all would.
   */
  readonly noticedIn?: readonly (string | null)[]
}

/** The scopes that a field asks for, as alternatives: one list of them is enough; none is everybody. */
export interface NarrowedAccess {
  readonly coordinate: string
  readonly before: readonly (readonly string[])[]
  readonly after: readonly (readonly string[])[]
}

/** A supergraph and the graph that clients see of it, both as texts. */
export interface GraphTexts {
  readonly supergraphSdl: string
  readonly apiSdl: string
}

/** What composition has come to. */
export interface ComposedTexts extends GraphTexts {
  readonly hints: readonly string[]
}

/** A scope of a subgraph's own, which its SDL declares by `@scope`. */
export interface DeclaredScope {
  /** Begins with the subgraph's name, for example `loyalty:read`. */
  readonly name: string
  /** What it allows, in words that a consent page shows. */
  readonly description: string
}

/** What can be said of a candidate from texts alone. */
export interface CandidateFindings {
  readonly problems: readonly SchemaProblem[]
  readonly changes: readonly SchemaChange[]
  /** Null when it cannot be composed. */
  readonly composed: ComposedTexts | null
  /** The scopes that the changed subgraph declares. */
  readonly scopes: readonly DeclaredScope[]
  /** The types of events that the changed subgraph declares. */
  readonly eventTypes: readonly EventTypeDeclaration[]
}

/** A candidate: all subgraphs as they would be, and what is served now. */
export interface Candidate {
  readonly services: readonly SubgraphText[]
  /** The subgraph that is new or changed; null when one is taken away. */
  readonly changed: string | null
  readonly before: GraphTexts
  /** Left out where there are none. */
  readonly contracts?: ContractsBefore
}

/** A supergraph as a gateway takes it in. */
export interface LoadedTexts {
  readonly apiSdl: string
  /** Its subgraphs with their routing URLs. */
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
}

/** Composes and checks schemas beside the thread that serves, within bounds of time and memory. */
export interface SchemaWorkshop {
  /** Never rejects for what the texts say: that is told as problems. */
  check(candidate: Candidate): Promise<CandidateFindings>
  /** How what clients see differs between two graphs; rejects where one of them is none. */
  compare(before: GraphTexts, after: GraphTexts): Promise<readonly SchemaChange[]>
  /** Tries documents against two graphs; rejects when that takes too long or too much, or the earlier graph is none. */
  tryDocuments(trial: DocumentTrial): Promise<TrialFindings>
  /** Composes texts that are known to fit; rejects with the reasons when they do not. */
  compose(services: readonly SubgraphText[]): Promise<ComposedTexts>
  /** The schemas of contracts and versions of a supergraph. */
  editions(supergraphSdl: string, contracts: Contracts): Promise<EditionTexts>
  /** Reads a supergraph; rejects with a reason in words when it is none that can be served. */
  load(supergraphSdl: string): Promise<LoadedTexts>
  close(): Promise<void>
}

/** A workshop and what every graph of this product begins with. */
export interface SchemaOffice {
  readonly workshop: SchemaWorkshop
  /** The subgraphs that come with the product. */
  readonly shipped: readonly SubgraphText[]
  /** Tells the shipped subgraphs of one version of the product from those of another. */
  readonly base: string
  /** The supergraph of the shipped subgraphs alone. */
  readonly shippedSupergraph: () => string
  /** What clients see of it, in SDL. */
  readonly shippedApi: () => Promise<string>
  /** What is served below the path of the graph. */
  readonly contracts: Contracts
  /** Its schemas of one supergraph; worked out once for each of the last few. */
  readonly editionsOf: (supergraphSdl: string) => Promise<EditionTexts>
}
