/**
 * The gateway's own form of a query plan. Each planner's plans are turned into it, so that the engine knows no planner.
 */
export interface QueryPlan {
  /** The fetch of a subscription that is streamed; the rest is then run for each of its events. */
  readonly primary: RootFetch | null
  /** Null when there is nothing (more) to fetch. */
  readonly node: PlanNode | null
}

export type PlanNode = SequenceNode | ParallelNode | ConditionNode | LandingNode | DeferNode | RootFetch | EntityFetch

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly nodes: readonly PlanNode[]
}

export interface ParallelNode {
  readonly kind: 'parallel'
  readonly nodes: readonly PlanNode[]
}

/** One of two branches, by a Boolean variable. */
export interface ConditionNode {
  readonly kind: 'condition'
  readonly variable: string
  readonly met: PlanNode | null
  readonly unmet: PlanNode | null
}

/** A fetch that deferred parts wait for, by its id. */
export interface LandingNode {
  readonly kind: 'landing'
  readonly id: string
  readonly node: PlanNode
}

/** What is answered at once, and what follows. Stands at the root of a plan, or of a deferred part. */
export interface DeferNode {
  readonly kind: 'defer'
  /** Null when it has no fetches of its own. */
  readonly primary: PlanNode | null
  readonly deferred: readonly DeferredNode[]
}

export interface DeferredNode {
  /** The label of the fragment. */
  readonly label: string
  /** The ids of the fetches that it may begin after; without any, it begins after what is answered at once. */
  readonly depends: readonly string[]
  /** Null when what it answers is fetched by others. */
  readonly node: PlanNode | null
}

interface Fetch {
  readonly subgraph: string
  /** The GraphQL document for the subgraph. */
  readonly document: string
  readonly operationName: string | undefined
  /** The client's variables that it uses. */
  readonly variables: readonly string[]
}

/** Fetches fields of a root type. They belong to the objects at `path`: to the whole answer where it is empty. */
export interface RootFetch extends Fetch {
  readonly kind: 'fetch'
  readonly path: PlanPath
  readonly outputRewrites: readonly Rewrite[]
}

/** Fetches fields of entities that are in the answer already. */
export interface EntityFetch extends Fetch {
  readonly kind: 'entities'
  readonly batches: readonly EntityBatch[]
}

/** The entities of one `_entities` field of a document. */
export interface EntityBatch {
  /** Where its items stand in the subgraph's answer. */
  readonly responseKey: string
  /** The variable that takes the representations. */
  readonly variable: string
  readonly paths: readonly PlanPath[]
  readonly requires: readonly RequiredSelection[]
  readonly inputRewrites: readonly Rewrite[]
  readonly outputRewrites: readonly Rewrite[]
}

/** A way into the answer: keys, every item of a list, objects of certain types. */
export type PlanPath = readonly PathStep[]
export type PathStep = string | { readonly types: readonly string[] }

/** The step into each item of a list. No field has that name, and unlike a symbol it can come from another thread. */
export const everyItem = '@'

/** What a representation must have. */
export type RequiredSelection =
  | {
      readonly kind: 'field'
      /** Its name in the representation. */
      readonly name: string
      /** Where it stands in the answer. */
      readonly responseKey: string
      readonly selections: readonly RequiredSelection[] | null
    }
  | {
      readonly kind: 'fragment'
      /** Null for objects of any type. */
      readonly type: string | null
      readonly selections: readonly RequiredSelection[]
      /** Variables that leave it out when true, and when not true. */
      readonly skipIf?: string | undefined
      readonly includeIf?: string | undefined
    }

/** A change of a representation before it is sent, or of what a subgraph answered. */
export type Rewrite =
  | { readonly kind: 'set'; readonly path: RewritePath; readonly value: unknown }
  | { readonly kind: 'rename'; readonly path: RewritePath; readonly to: string }

/** Keys and type conditions; lists on the way stand for each of their items. */
export type RewritePath = readonly (string | { readonly types: readonly string[] })[]
