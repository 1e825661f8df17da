import { type GraphQLSchema, Kind, execute as executeGraphql } from 'graphql'
import type { CancelSignal } from '../../kit/cancellation.ts'
import type { CodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { type OwnSignal, withDeadline, withOwnDeadline } from '../../kit/with-deadline.ts'
import { withFields } from './answer-limits.ts'
import type { DataObject } from '../engine/data.ts'
import { explainsNull } from '../engine/null-explained.ts'
import type { FetchTransport, PlanRun } from '../engine/plan-run.ts'
import type { GraphRequest } from './graph-request.ts'
import { denialError } from '../policy/filter-operation.ts'
import type { PreparedOperation } from './prepare-operation.ts'
import type { Identity, Variables } from '../request.ts'
import { isTimeout } from '../transport/abort-error.ts'
import type { Transport } from '../transport/transport.ts'

/** What a run is for. */
export interface RunRequest {
  readonly identity: Pick<Identity, 'caller'>
  readonly variables: Variables
  readonly requestId: string
  readonly signal: CancelSignal
}

export interface RunDependencies {
  readonly transports: ReadonlyMap<string, Transport>
  readonly log: Pick<Logger, 'debug' | 'warn'>
}

/** Begins a run of a plan; `observed` may look at each call to a subgraph. */
export function startRun(
  { identity, variables, requestId, signal }: RunRequest,
  { transports, log }: RunDependencies,
  observed: (subgraph: string, transport: Transport) => FetchTransport = (_subgraph, transport) => transport,
): PlanRun {
  return {
    caller: identity.caller,
    variables,
    requestId,
    signal,
    data: {},
    errors: [],
    plain: true,
    transportOf: (subgraph) => observed(subgraph, transportOf(transports, subgraph)),
    onFailure(error, subgraph) {
      // A client that leaves is no fault of anybody, and may leave with any number of fetches under way.
      if (signal.aborted && !isTimeout(signal.reason)) log.debug({ subgraph, requestId }, 'nobody waits any more')
      else log.warn({ err: error, subgraph, requestId }, 'a subgraph did not answer')
    },
  }
}

/** Runs the fetches of an operation until they are done, its client is gone or its time is over. */
export function withinTime<Result>(
  request: Pick<GraphRequest, 'signal' | 'abort'>,
  deadlineMs: number,
  work: (signal: CancelSignal) => Promise<Result>,
): Promise<Result> {
  return isOwned(request) ? withOwnDeadline(request, deadlineMs, work) : withDeadline(request.signal, deadlineMs, work)
}

function isOwned(request: Pick<GraphRequest, 'signal' | 'abort'>): request is OwnSignal {
  return request.abort !== undefined
}

/** What a run has come to. */
export interface Finished {
  readonly dataText: string
  readonly errors: readonly CodedError[]
  /** What subgraphs answered, which the actual cost is counted of. */
  readonly fetched: DataObject
}

/** Projection and introspection; errors in the order denied, fetched, missing. */
export async function finishRun(
  {
    prepared,
    introspected: schema,
  }: {
    readonly prepared: Pick<PreparedOperation, 'denials' | 'projection' | 'introspection'>
    readonly introspected: () => GraphQLSchema
  },
  run: PlanRun,
): Promise<Finished> {
  const { variables } = run
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

/** The way to a subgraph that a plan names. */
export function transportOf(transports: ReadonlyMap<string, Transport>, subgraph: string): Transport {
  const transport = transports.get(subgraph)
  if (transport === undefined) throw new Error(`no transport to the subgraph ${subgraph}`)
  return transport
}
