import { type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { KeptAnswer } from '../answers/response-cache.ts'
import { type Charge, type ChargeDependencies, chargeOperation } from '../cost/charge.ts'
import type { DocumentGate } from '../cost/document-gate.ts'
import { costOfKeptAnswer } from '../cost/kept-answer-cost.ts'
import type { UsageRecorder } from '../cost/usage-recorder.ts'
import type { GraphAnswer } from './graph-answer.ts'
import type { GraphRequest } from './graph-request.ts'
import { coerceVariables } from '../operation/coerce-variables.ts'
import type { CallerSchemas } from '../policy/caller-schema.ts'
import type { PrepareOperation, PreparedOperation } from './prepare-operation.ts'
import { refusal } from './refuse-operation.ts'
import type { Identity, Variables } from '../request.ts'
import type { Observation } from '../telemetry/operation-observer.ts'
import { usageOfOperation } from './usage-of-operation.ts'

export interface BeginDependencies extends ChargeDependencies {
  readonly documents: Pick<DocumentGate, 'accept'>
  readonly callerSchema: CallerSchemas
  readonly usage: UsageRecorder
  readonly log: Logger
  readonly prepare: PrepareOperation
}

/** An operation that may be asked for, before it is paid. */
export interface Read {
  readonly prepared: PreparedOperation
  readonly variables: Variables
  /** The graph as this caller may call it, which is what introspection shows. */
  readonly introspected: () => GraphQLSchema
}

export interface Begun extends Read {
  readonly charge: Charge
  readonly watch: Observation
}

/** What an operation used. */
export interface Metered {
  readonly calls: 0 | 1
  readonly points: number
  /** Undefined when the operation could not be read. */
  readonly prepared: PreparedOperation | undefined
  readonly watch: Observation
}

export function endWatch(
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

/** What of the operation goes away, for `extensions`. */
export function noticesOf({ uses }: PreparedOperation): Readonly<Record<string, unknown>> {
  return uses.deprecated ? { deprecations: uses.deprecated } : {}
}

/** How operations begin and end, whatever comes of them. */
export interface Beginning {
  /** Operation limits, policy, cost model and variables. Throws what refuses the operation before it is paid. */
  readonly read: (request: GraphRequest, wanted: 'answer' | 'stream') => Read
  /** Notes that the document has been paid for. */
  readonly accept: (request: GraphRequest) => void
  readonly charge: (
    request: GraphRequest,
    known: Pick<Read, 'prepared' | 'variables'> & { readonly kept?: KeptAnswer | undefined },
    kind: 'request' | 'stream',
  ) => Promise<Charge>
  /** Meters and ends an operation. One that was refused is no call: it has used nothing of any quota. */
  readonly ended: (request: GraphRequest, answer: GraphAnswer, metered: Metered) => GraphAnswer
  readonly refuse: (request: GraphRequest, error: unknown, metered: Metered) => GraphAnswer
}

export function createBeginning(dependencies: BeginDependencies): Beginning {
  const { usage, prepare } = dependencies

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
  const accept = ({ document, snapshot }: GraphRequest): void => {
    if (document.loc) dependencies.documents.accept(document.loc.source.body, snapshot.edition)
  }
  const charge = async (
    request: GraphRequest,
    { prepared, variables, kept }: Pick<Read, 'prepared' | 'variables'> & { readonly kept?: KeptAnswer | undefined },
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
  const ended = (
    request: GraphRequest,
    answer: GraphAnswer,
    { calls, points, prepared, watch }: Metered,
  ): GraphAnswer => {
    const { uses } = prepared ?? {}
    const { edition } = request.snapshot
    const latencyMs = watch.tookMs()
    usage.record(usageOfOperation(request.identity, answer, { edition, calls, cost: points, uses, latencyMs }))
    endWatch(watch, { prepared, answer, points })
    return answer
  }
  const refuse = (request: GraphRequest, error: unknown, metered: Metered): GraphAnswer =>
    ended(request, refusal(error, request, dependencies.log), metered)

  return { read, accept, charge, ended, refuse }
}

const subscriptionHint =
  'Subscriptions are streamed: use graphql-ws on this URL, or POST to /graphql/stream with Accept: text/event-stream.'

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
