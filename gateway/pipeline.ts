import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  execute as executeGraphql,
} from 'graphql'
import { CodedError, isCodedError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { endingFeed } from '../kit/ending-feed.ts'
import { mapFeed } from '../kit/map-feed.ts'
import { untilRefused } from '../kit/until-refused.ts'
import { withDeadline } from '../kit/with-deadline.ts'
import { answerAboutLimits, withFields, withLimits } from './answer-limits.ts'
import type { CacheLookup, KeptAnswer, ResponseCache } from './answers/response-cache.ts'
import { type Charge, type ChargeDependencies, chargeOperation } from './cost/charge.ts'
import { CostRefusal } from './cost/cost-refusal.ts'
import { costOfKeptAnswer } from './cost/kept-answer-cost.ts'
import type { DocumentGate } from './cost/document-gate.ts'
import type { UsageRecorder } from './cost/usage-recorder.ts'
import type { CompiledPlan } from './engine/compile-plan.ts'
import type { DataObject } from './engine/data.ts'
import { explainsNull } from './engine/null-explained.ts'
import type { PlanRun } from './engine/plan-run.ts'
import type { RootFetcher } from './engine/root-fetch.ts'
import { createBusyShare, createTurns } from './engine/turns.ts'
import { GraphAnswer } from './graph-answer.ts'
import { coerceVariables } from './operation/coerce-variables.ts'
import type { SupergraphSnapshot } from './plan/supergraph-snapshot.ts'
import type { CallerSchemas } from './policy/caller-schema.ts'
import { denialError } from './policy/filter-operation.ts'
import { type PreparedOperation, createOperationPreparer } from './prepare-operation.ts'
import type { Arrival, Identity, Variables } from './request.ts'
import { createStreamView, dropDenied } from './stream-view.ts'
import type { Observation, OperationObserver } from './telemetry/operation-observer.ts'
import type { Transport, TransportResult } from './transport/transport.ts'
import { usageOfEvent, usageOfOperation } from './usage-of-operation.ts'

/** One operation of an identified caller; the document is valid against the snapshot's API schema. */
export interface GraphRequest {
  readonly snapshot: SupergraphSnapshot
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Variables
  readonly identity: Identity
  readonly requestId: string
  /** How the request came; absent for operations of a socket. */
  readonly arrival?: Arrival | undefined
  /** Ends the work when the client is gone. */
  readonly signal: AbortSignal
}

export interface Pipeline {
  execute(request: GraphRequest): Promise<GraphAnswer>
  subscribe(request: GraphRequest): Promise<GraphAnswer | AsyncIterableIterator<GraphAnswer, undefined>>
}

export interface PipelineDependencies extends ChargeDependencies {
  readonly transports: ReadonlyMap<string, Transport>
  readonly documents: Pick<DocumentGate, 'accept'>
  readonly callerSchema: CallerSchemas
  readonly usage: UsageRecorder
  readonly observe: OperationObserver
  readonly responses: ResponseCache
  readonly log: Logger
  /** The longest that the fetches of one operation, or of one event, may take together. */
  readonly deadlineMs: number
}

/**
 * The way of a request through the gateway's stages, after a front has parsed, validated and identified it. The order
 * of the calls below is the data flow; stages know nothing of each other.
 */
export function createPipeline(dependencies: PipelineDependencies): Pipeline {
  const { usage, observe, responses } = dependencies
  const turns = createTurns(createBusyShare())
  const prepare = createOperationPreparer()

  const read = (request: GraphRequest, wanted: 'answer' | 'stream'): Read => {
    const { snapshot, document, identity, operationName } = request
    // operation limits -> policy -> cost model, cached; the plan too, once the operation is paid for
    const prepared = prepare(snapshot, document, { operationName, caller: identity.caller })
    refuseOtherThan(wanted, prepared.operation)
    refuseWhatPlanForbids(prepared.operation, identity)
    return {
      prepared,
      variables: coerceVariables(snapshot.apiSchema, prepared.operation, request.variables),
      introspected: () => dependencies.callerSchema(snapshot, identity).schema,
    }
  }
  const accept = ({ document }: GraphRequest): void => {
    if (document.loc) dependencies.documents.accept(document.loc.source.body)
  }
  const charge = async (
    request: GraphRequest,
    { prepared, variables, kept }: Read & { readonly kept?: KeptAnswer | undefined },
    kind: 'request' | 'stream',
  ) => {
    const begun = await chargeOperation(dependencies, request.identity, {
      model: kept ? costOfKeptAnswer(prepared.cost) : prepared.cost,
      variables,
      kind,
      id: request.requestId,
    })
    accept(request)
    return begun
  }
  const lookUp = (identity: Identity, { prepared, variables }: Read): CacheLookup | null =>
    prepared.caching && responses.look({ operation: prepared, policy: prepared.caching, variables, identity })
  /** Meters and ends an operation. One that was refused is no call: it has used nothing of any quota. */
  const ended = (
    request: GraphRequest,
    answer: GraphAnswer,
    { calls, points, prepared, watch }: Metered,
  ): GraphAnswer => {
    const { uses } = prepared ?? {}
    usage.record(usageOfOperation(request.identity, answer, { calls, cost: points, uses, latencyMs: watch.tookMs() }))
    endWatch(watch, { prepared, answer, points })
    return answer
  }
  const refuse = (request: GraphRequest, error: unknown, metered: Metered): GraphAnswer =>
    ended(request, refusal(error, request, dependencies.log), metered)

  return {
    async execute(request) {
      const watch = observe(request)
      let prepared: PreparedOperation | undefined
      let begun: Begun
      let lookup: CacheLookup | null
      try {
        const known = read(request, 'answer')
        prepared = known.prepared
        watch.reached('prepare')
        const told = await answerAboutLimits(request.identity, known, dependencies)
        if (told) {
          accept(request)
          endWatch(watch, { prepared, answer: told, points: 0 })
          return told
        }
        lookup = watch.wantsPlan || request.arrival?.fresh ? null : lookUp(request.identity, known)
        begun = { ...known, watch, charge: await charge(request, { ...known, kept: lookup?.found }, 'request') }
        watch.reached('charge')
      } catch (error) {
        return refuse(request, error, { calls: 0, points: 0, prepared, watch })
      }
      if (lookup?.found) {
        const { cost, points, readings } = await begun.charge.settle({})
        const { dataText, maxAgeSeconds } = lookup.found
        const caching = prepared.caching && { ...prepared.caching, maxAgeSeconds }
        const { serverTiming } = watch
        const whole = new GraphAnswer({ dataText, extensions: { cost }, limits: readings, serverTiming, caching })
        return ended(request, whole, { calls: 1, points, prepared, watch })
      }
      try {
        const plan = begun.prepared.plan(begun.variables)
        const answer = await withDeadline(request.signal, dependencies.deadlineMs, async (signal) => {
          const run = startRun(request, begun, { dependencies, signal })
          const turn = turns.enter()
          if (turn) await turn
          try {
            await plan?.run(run)
            watch.reached('fetch')
            return await finish(begun, run)
          } finally {
            turns.leave()
          }
        })
        const unfinished = request.signal.aborted || answer.errors.some(({ code }) => code === 'SUBGRAPH_TIMEOUT')
        const { cost, points, readings } = await begun.charge.settle(unfinished ? undefined : answer.fetched)
        const dataText = await withLimits(answer.dataText, request.identity, { ...begun, ...dependencies })
        watch.reached('answer')
        const { serverTiming } = watch
        const extensions = watch.wantsPlan ? { cost, queryPlan: shownPlan(begun) } : { cost }
        const caching = unfinished || answer.errors.length > 0 ? null : prepared.caching
        if (caching) lookup?.keep(dataText)
        const { errors } = answer
        const whole = new GraphAnswer({ dataText, errors, extensions, limits: readings, serverTiming, caching })
        return ended(request, whole, { calls: 1, points, prepared, watch })
      } catch (error) {
        const { points } = await begun.charge.settle()
        return refuse(request, error, { calls: 1, points, prepared, watch })
      } finally {
        // Whatever came of it: it may have changed something before it failed.
        if (prepared.operation.operation === OperationTypeNode.MUTATION) responses.forgetAfterMutation(request.identity)
      }
    },

    async subscribe(request) {
      const watch = observe(request)
      let prepared: PreparedOperation | undefined
      let begun: Begun
      try {
        const known = read(request, 'stream')
        prepared = known.prepared
        watch.reached('prepare')
        begun = { ...known, watch, charge: await charge(request, known, 'stream') }
        watch.reached('charge')
      } catch (error) {
        return refuse(request, error, { calls: 0, points: 0, prepared, watch })
      }
      const { uses } = begun.prepared
      // The whole estimate is kept; settling frees the stream's slot.
      const free = (): void => {
        begun.charge
          .settle()
          .catch((error: unknown) => dependencies.log.warn({ err: error }, 'the slot of a stream was not freed'))
      }
      const metered = (answer: GraphAnswer): GraphAnswer =>
        ended(request, answer, { calls: 1, points: begun.charge.estimate, prepared, watch })
      try {
        const plan = begun.prepared.plan(begun.variables)
        if (plan && !plan.primary) throw new Error('a subscription was planned as a query')
        if (!plan?.primary) {
          free()
          const run = startRun(request, begun, { dependencies, signal: request.signal })
          return metered(new GraphAnswer(await finish(begun, run)))
        }
        const source = await openSource(dependencies, request, { fetch: plan.primary, variables: begun.variables })
        if (!(Symbol.asyncIterator in source)) {
          free()
          return metered(await answerEvent(request, begun, { plan, source, dependencies }))
        }
        metered(new GraphAnswer({ dataText: 'null' }))
        const opened = { identity: request.identity, prepared: begun.prepared, plan, variables: begun.variables }
        const view = createStreamView(opened, (identity) =>
          prepare(request.snapshot, request.document, {
            operationName: request.operationName,
            caller: identity.caller,
          }),
        )
        const answers = mapFeed(source, (event) => {
          const now = view.current()
          usage.record(usageOfEvent(now.identity, uses))
          const { plan: allowed, narrowed } = now
          const seen = { ...request, identity: now.identity }
          const viewed = { ...begun, prepared: now.prepared }
          return answerEvent(seen, viewed, { plan: allowed, source: event, dependencies, narrowed })
        })
        return untilRefused(endingFeed(answers, free), view)
      } catch (error) {
        free()
        return metered(refusal(error, request, dependencies.log))
      }
    },
  }
}

const subscriptionHint =
  'Subscriptions are streamed: use graphql-ws on this URL, or POST to /graphql/stream with Accept: text/event-stream.'

/** An operation that may be asked for, before it is paid. */
interface Read {
  readonly prepared: PreparedOperation
  readonly variables: Variables
  /** The graph as this caller may call it, which is what introspection shows. */
  readonly introspected: () => GraphQLSchema
}

interface Begun extends Read {
  readonly charge: Charge
  readonly watch: Observation
}

/** What an operation used. */
interface Metered {
  readonly calls: 0 | 1
  readonly points: number
  /** Undefined when the operation could not be read. */
  readonly prepared: PreparedOperation | undefined
  readonly watch: Observation
}

function endWatch(
  watch: Observation,
  { prepared, answer, points }: Pick<Metered, 'prepared' | 'points'> & { readonly answer: GraphAnswer },
): void {
  const { operation } = prepared ?? {}
  watch.end({
    type: operation?.operation ?? 'unknown',
    name: operation?.name?.value,
    errors: answer.errors,
    refused: answer.dataText === undefined,
    points,
  })
}

/** The plan as the operator sees it, with what each call took. */
function shownPlan({ prepared, variables, watch }: Begun): object {
  return { text: prepared.printedPlan(variables), calls: watch.fetches }
}

function startRun(
  request: GraphRequest,
  { variables, watch }: Begun,
  { dependencies, signal }: { dependencies: PipelineDependencies; signal: AbortSignal },
): PlanRun {
  const { log } = dependencies
  const { requestId } = request
  return {
    caller: request.identity.caller,
    variables,
    requestId,
    signal,
    data: {},
    errors: [],
    plain: true,
    transportOf: (subgraph) => watch.observed(subgraph, transportOf(dependencies, subgraph)),
    onFailure: (error, subgraph) => log.warn({ err: error, subgraph, requestId }, 'a subgraph did not answer'),
  }
}

/** What a run has come to. */
interface Finished {
  readonly dataText: string
  readonly errors: readonly CodedError[]
  /** What subgraphs answered, which the actual cost is counted of. */
  readonly fetched: DataObject
}

/** Projection and introspection; errors in the order denied, fetched, missing. */
async function finish({ prepared, variables, introspected: schema }: Begun, run: PlanRun): Promise<Finished> {
  const denials = prepared.denials.filter(({ asked }) => asked(variables))
  const known = [...denials.map(denialError), ...run.errors]
  const { text, errors: missing } = prepared.projection(run.data, variables, run.plain)
  const introspected = prepared.introspection
    ? await executeGraphql({
        schema: schema(),
        document: { kind: Kind.DOCUMENT, definitions: [prepared.introspection] },
        variableValues: variables,
      })
    : null
  return {
    dataText: introspected ? withFields(text, introspected.data ?? {}) : text,
    errors: [...known, ...missing.filter((error) => !known.some((other) => explainsNull(other, error)))],
    fetched: run.data,
  }
}

function openSource(
  dependencies: PipelineDependencies,
  request: GraphRequest,
  { fetch, variables }: { readonly fetch: RootFetcher; readonly variables: Variables },
): Promise<TransportResult | AsyncIterableIterator<TransportResult, undefined>> {
  const { requestId, signal } = request
  const { caller } = request.identity
  return transportOf(dependencies, fetch.subgraph).subscribe({ ...fetch.asked(variables), caller, requestId, signal })
}

/** One event: the source's own fields, then those of other subgraphs, then the projection. */
function answerEvent(
  request: GraphRequest,
  begun: Begun,
  event: {
    readonly plan: CompiledPlan
    readonly source: TransportResult
    readonly dependencies: PipelineDependencies
    /** The source was opened by a caller who might see more. */
    readonly narrowed?: boolean
  },
): Promise<GraphAnswer> {
  const { plan, source, dependencies, narrowed = false } = event
  return withDeadline(request.signal, dependencies.deadlineMs, async (signal) => {
    const run = startRun(request, begun, { dependencies, signal })
    run.plain = source.plain === true
    plan.primary?.merge(run, source)
    if (source.data) await plan.run(run)
    if (narrowed) dropDenied(run.data, begun.prepared.denials)
    return new GraphAnswer(await finish(begun, run))
  })
}

/** Told before anything is charged: the client has the wrong URL or protocol, not the wrong operation. */
function refuseOtherThan(wanted: 'answer' | 'stream', { operation }: OperationDefinitionNode): void {
  const isSubscription = operation === OperationTypeNode.SUBSCRIPTION
  if (isSubscription === (wanted === 'stream')) return
  throw new CodedError('BAD_REQUEST', isSubscription ? subscriptionHint : 'This operation is no subscription.')
}

function refuseWhatPlanForbids(operation: OperationDefinitionNode, { limits }: Identity): void {
  if (operation.operation === OperationTypeNode.MUTATION && limits.readOnly) {
    throw new CodedError(
      'PLAN_FORBIDS',
      `The plan ${limits.planName} is read-only; ask for another plan to run mutations.`,
      { plan: limits.planName, limit: 'read-only' },
    )
  }
}

function transportOf(dependencies: PipelineDependencies, subgraph: string): Transport {
  const transport = dependencies.transports.get(subgraph)
  if (transport === undefined) throw new Error(`no transport to the subgraph ${subgraph}`)
  return transport
}

/** An operation that did not run: a coded error as it is, anything else as INTERNAL with its cause logged. */
function refusal(error: unknown, request: GraphRequest, log: Logger): GraphAnswer {
  if (error instanceof CostRefusal) {
    return new GraphAnswer({ errors: [error], extensions: { cost: error.cost }, limits: error.readings })
  }
  if (isCodedError(error)) return new GraphAnswer({ errors: [error] })
  log.error({ err: error, requestId: request.requestId }, 'an operation failed')
  const { requestId } = request
  return new GraphAnswer({ errors: [new CodedError('INTERNAL', 'Something went wrong on our side.', { requestId })] })
}
