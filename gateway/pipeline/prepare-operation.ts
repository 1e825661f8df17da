import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import { type Caller, scopeSet } from '../../kit/caller.ts'
import { once } from '../../kit/once.ts'
import { type CostModel, createCostModel } from '../cost/cost-model.ts'
import { type RateLimitQuestion, createRateLimitQuestion } from '../cost/rate-limit-question.ts'
import { type CompiledPlan, compilePlan } from '../engine/compile-plan.ts'
import { dataPart, introspectionPart, rateLimitPart } from '../engine/introspection.ts'
import { type Projection, createProjection } from '../engine/projection.ts'
import { type CachePolicy, cachePolicyOf } from '../operation/cache-policy.ts'
import { type Deprecations, type RunningBrownouts, createDeprecations } from '../operation/deprecations.ts'
import { hasDefer, withoutDefer } from '../operation/deferred-fragments.ts'
import { inlineFragments } from '../operation/inline-fragments.ts'
import { type OperationCoordinates, operationCoordinates } from '../operation/operation-coordinates.ts'
import { checkOperationLimits } from '../operation/operation-limits.ts'
import { selectOperation } from '../operation/parse-operation.ts'
import { printPlan } from '../operation/print-plan.ts'
import type { QueryPlan } from '../operation/query-plan.ts'
import { type StreamedOperation, streamedOperation } from '../operation/streamed-operation.ts'
import { type PlanVariants, createPlanVariants } from './plan-variants.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import { type DeferredFor, prepareDeferred } from './prepare-deferred.ts'
import type { Variables } from '../request.ts'
import { type Denial, type FieldPolicy, createFieldPolicy } from '../policy/filter-operation.ts'

/** All that is known of an operation before its variables: made once per document, name and policy view. */
export interface PreparedOperation {
  /** As the client wrote it, with fragments inlined, and nothing deferred. */
  readonly operation: OperationDefinitionNode
  readonly denials: readonly Denial[]
  readonly cost: CostModel
  /** What it uses of the graph; what was denied is not used. */
  readonly uses: OperationCoordinates
  /**
   * Null when there is nothing to fetch with these variables. Planned on first call, which comes after the operation was charged: what is
   * too dear to run must not cost a plan either.
   */
  readonly plan: (variables: Variables) => CompiledPlan | null
  /** Makes the same plans that another has made, before they are asked for. */
  readonly planAs: (other: PreparedOperation) => Promise<void>
  /** For each plan that was made, variables that it is for. */
  readonly planned: () => readonly Variables[]
  /** The operation for clients that take what is deferred in parts; null when it is always answered whole. */
  readonly deferred: DeferredFor | null
  /** The same for a subscription, as it is streamed; null when there is nothing to stream. */
  readonly stream: () => PreparedStream | null
  /** The plan as a text for the operator, made when it is asked for. */
  readonly printedPlan: (variables: Variables) => string
  readonly introspection: OperationDefinitionNode | null
  /** What the operation asks of its own limits; null when it does not. */
  readonly rateLimit: RateLimitQuestion | null
  readonly projection: Projection
  /** How long its answers may be kept, and for whom; null when they must not. */
  readonly caching: CachePolicy | null
}

/** A subscription that is ready to be streamed to all readers who are told the same. */
export interface PreparedStream {
  readonly streamed: StreamedOperation
  /** Equal for the same question, however it is allowed. */
  readonly text: string
  readonly plan: CompiledPlan
}

/** Who asks for what of a document. */
interface ViewRequest {
  readonly operationName: string | undefined
  readonly caller: Caller
}

export type PrepareOperation = (
  snapshot: SupergraphSnapshot,
  document: DocumentNode,
  request: ViewRequest,
) => PreparedOperation

/** A document of one snapshot. */
export interface SnapshotDocument {
  readonly snapshot: SupergraphSnapshot
  readonly document: DocumentNode
}

export interface OperationPreparer {
  readonly prepare: PrepareOperation
  /**
   * Prepares and plans on another snapshot what is prepared and planned on one, for its latest callers. Throws where a
   * view cannot be: it is told to whoever asks for it.
   */
  readonly carryOver: (from: SnapshotDocument, to: SnapshotDocument) => Promise<void>
}

/** Policy views of one document that are kept; apps with the same scopes share one. */
const viewsPerDocument = 64
/** Of them, those that are carried over to another snapshot. */
const viewsCarriedOver = 4

/**
 * Limits, policy, cost and plan of operations, cached. A document's entries go when ApolloServer's document store or
 * the stream front forgets the document, and a snapshot's when the supergraph is replaced.
 */
export function createOperationPreparer(now: () => Date = () => new Date()): OperationPreparer {
  const bySnapshot = new WeakMap<SupergraphSnapshot, SnapshotCache>()

  const prepareView: PrepareOperation = (snapshot, document, { operationName, caller }) => {
    let cache = bySnapshot.get(snapshot)
    if (cache === undefined) {
      const { supergraphSchema } = snapshot
      cache = {
        policy: createFieldPolicy(supergraphSchema),
        deprecations: createDeprecations(supergraphSchema),
        documents: new WeakMap(),
      }
      bySnapshot.set(snapshot, cache)
    }
    let views = cache.documents.get(document)
    if (views === undefined) {
      views = new LRUCache<string, View>({ max: viewsPerDocument })
      cache.documents.set(document, views)
    }
    const brownouts = cache.deprecations.running(now())
    const fading = brownouts.size === 0 ? '' : [...brownouts.keys()].join(' ')
    const view = `${scopeSet(caller)}\n${operationName ?? ''}\n${fading}`
    const known = views.get(view)
    if (known) return known.prepared
    const prepared = prepare(snapshot, cache, { document, operationName, caller, brownouts })
    views.set(view, { prepared, operationName, caller })
    return prepared
  }
  return {
    prepare: prepareView,
    async carryOver(from, to) {
      const views = bySnapshot.get(from.snapshot)?.documents.get(from.document)
      for (const { prepared, ...request } of [...(views?.values() ?? [])].slice(0, viewsCarriedOver)) {
        await prepareView(to.snapshot, to.document, request).planAs(prepared)
      }
    },
  }
}

interface View extends ViewRequest {
  readonly prepared: PreparedOperation
}

interface SnapshotCache {
  readonly policy: FieldPolicy
  readonly deprecations: Deprecations
  readonly documents: WeakMap<DocumentNode, LRUCache<string, View>>
}

function prepare(
  snapshot: SupergraphSnapshot,
  { policy, deprecations }: SnapshotCache,
  request: {
    document: DocumentNode
    operationName: string | undefined
    caller: Caller
    brownouts: RunningBrownouts
  },
): PreparedOperation {
  const selected = selectOperation(request.document, request.operationName)
  checkOperationLimits(request.document, selected)
  const inlined = inlineFragments(request.document, selected)
  const operation = hasDefer(inlined) ? withoutDefer(inlined) : inlined
  const introspection = introspectionPart(operation)
  const aboutLimits = rateLimitPart(operation)
  const requested = dataPart(operation)
  const { operation: allowed, denials } = requested
    ? policy.filter(requested, request.caller, request.brownouts)
    : { operation: null, denials: [] }
  // Who meets a brownout uses what goes away, and counts among those who do.
  const wanted = requested && request.brownouts.size > 0 ? policy.filter(requested, request.caller).operation : allowed
  const plans = allowed && planVariants(snapshot, allowed)
  return {
    operation,
    denials,
    introspection,
    rateLimit:
      aboutLimits && createRateLimitQuestion(snapshot.apiSchema, { part: aboutLimits, requested, introspection }),
    // What is denied is not fetched, so it is not charged either.
    cost: createCostModel(snapshot.supergraphSchema, { allowed: allowed ?? withoutFields(operation), introspection }),
    uses: withDeprecated(operationCoordinates(snapshot.supergraphSchema, wanted), deprecations),
    plan: (variables) => plans?.of(variables)?.compiled() ?? null,
    planAs: async (other) => {
      for (const variables of other.planned()) await plans?.ahead(variables)
    },
    planned: () => plans?.made() ?? [],
    stream: once(() => prepareStream(snapshot, requested, allowed)),
    printedPlan: (variables) => plans?.of(variables)?.printed() ?? 'nothing to fetch',
    deferred: operation === inlined ? null : prepareDeferred(snapshot, policy, { ...request, operation: inlined }),
    projection: createProjection(snapshot.apiSchema, requested ?? withoutFields(operation)),
    // What the gateway answers itself, and what comes with errors, is made anew each time.
    caching:
      allowed && !introspection && !aboutLimits && denials.length === 0
        ? cachePolicyOf(snapshot.supergraphSchema, allowed)
        : null,
  }
}

function prepareStream(
  snapshot: SupergraphSnapshot,
  requested: OperationDefinitionNode | null,
  allowed: OperationDefinitionNode | null,
): PreparedStream | null {
  const asked = requested && streamedOperation(snapshot.apiSchema, requested)
  const streamed = allowed && streamedOperation(snapshot.apiSchema, allowed)
  if (!asked || !streamed) return null
  const plan = compilePlan(snapshot.supergraphSchema, snapshot.plan(streamed.operation))
  if (!plan.primary) throw new Error('a subscription was planned as a query')
  return { streamed, text: asked.text, plan }
}

interface OperationPlan {
  readonly compiled: () => CompiledPlan
  readonly printed: () => string
}

function planVariants(snapshot: SupergraphSnapshot, allowed: OperationDefinitionNode): PlanVariants<OperationPlan> {
  const planned = (plan: QueryPlan): OperationPlan => ({
    compiled: once(() => compilePlan(snapshot.supergraphSchema, plan)),
    printed: () => printPlan(plan),
  })
  return createPlanVariants(allowed, {
    make: (operation) => planned(snapshot.plan(operation)),
    async makeAhead(operation) {
      const plan = planned(await snapshot.planAhead(operation))
      plan.compiled()
      return plan
    },
  })
}

function withDeprecated(uses: OperationCoordinates, deprecations: Deprecations): OperationCoordinates {
  const deprecated = deprecations.among(uses.coordinates)
  return deprecated.length > 0 ? { ...uses, deprecated } : uses
}

function withoutFields(operation: OperationDefinitionNode): OperationDefinitionNode {
  return { ...operation, selectionSet: { ...operation.selectionSet, selections: [] } }
}
