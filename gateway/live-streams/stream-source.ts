import type { CancelSignal } from '../../kit/cancellation.ts'
import { CodedError } from '../../kit/errors.ts'
import type { EventCursors } from '../../kit/event-cursor.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { withDeadline } from '../../kit/with-deadline.ts'
import { toClientErrors } from '../engine/subgraph-errors.ts'
import { GraphAnswer } from '../pipeline/graph-answer.ts'
import type { PreparedOperation, PreparedStream } from '../pipeline/prepare-operation.ts'
import type { Identity, Variables } from '../request.ts'
import { type RunDependencies, finishRun, startRun, transportOf } from '../pipeline/run-operation.ts'
import { backoffMs, pause } from '../streams/hub/backoff.ts'
import type { EventSource, UnansweredEvent } from '../streams/hub/event-source.ts'
import { HubEvent } from '../streams/hub/hub-event.ts'
import { SourceRefused } from '../streams/hub/source-refused.ts'
import type { TransportResult } from '../transport/transport.ts'

export interface StreamSourceDependencies extends RunDependencies {
  readonly cursors: Pick<EventCursors, 'decode'> | null
  /** The longest that the fetches of one event may take together. */
  readonly deadlineMs: number
  readonly nowMs: () => number
}

/** How long an event waits for a subgraph that is away, before it is told without that subgraph's fields. */
const waitForSubgraphMs = 10_000

/** The events of one subscription as callers with one view see them: from its subgraph, with the fields of others. */
export function createStreamSource(
  dependencies: StreamSourceDependencies,
  stream: {
    readonly prepared: PreparedOperation
    readonly stream: PreparedStream
    /** Whoever is told the same; no credential of theirs. */
    readonly identity: Pick<Identity, 'caller'>
    readonly variables: Variables
    readonly requestId: string
  },
): EventSource {
  const { transports, cursors, deadlineMs, nowMs } = dependencies
  const { prepared, identity, variables, requestId } = stream
  const { plan, streamed } = stream.stream
  const { primary } = plan

  const answer = async (source: TransportResult, outer: AbortSignal): Promise<HubEvent> => {
    const until = nowMs() + waitForSubgraphMs
    const data = source.data ?? {}
    const cursor = streamed.cursor(data)
    const subject = streamed.subject(data)
    const begin = (signal: CancelSignal) => startRun({ identity, variables, requestId, signal }, dependencies)
    const whole = begin(outer)
    whole.plain = source.plain === true
    primary?.merge(whole, source)
    const own = whole.errors.length
    for (let failures = 0; source.data; failures += 1) {
      await withDeadline(outer, deadlineMs, async (signal) => {
        const run = { ...whole, signal, errors: whole.errors.slice(0, own) }
        await plan.run(run)
        whole.plain = run.plain
        whole.errors.splice(0, whole.errors.length, ...run.errors)
      })
      const away = whole.errors.slice(own).some(({ code }) => code === 'SUBGRAPH_UNAVAILABLE')
      if (!away || outer.aborted || nowMs() >= until) break
      await pause(backoffMs(failures), outer)
    }
    const points = Math.max(1, prepared.cost.actual(whole.data, variables))
    const { body } = new GraphAnswer(await finishRun({ prepared, introspected: nothingToIntrospect }, whole))
    const position = cursor === null ? null : (cursors?.decode(cursor) ?? null)
    return new HubEvent(body, { cursor, position, subject }, points)
  }

  return {
    async open(after, signal) {
      if (!primary) throw new Error('a subscription was planned as a query')
      const { afterVariable } = streamed
      const asked = primary.asked(
        after === null || afterVariable === null ? variables : { ...variables, [afterVariable]: after },
      )
      const transport = transportOf(transports, primary.subgraph)
      const result = await transport.subscribe({ ...asked, caller: identity.caller, requestId, signal })
      if (!(Symbol.asyncIterator in result)) throw new SourceRefused(reasonOf(result), result)
      return mapFeed(
        result,
        (event): UnansweredEvent =>
          (outer) =>
            answer(event, outer),
      )
    },
  }
}

/** Subscriptions select nothing of the schema. */
function nothingToIntrospect(): never {
  throw new Error('a stream was asked for the schema')
}

/** Why a subgraph did not open a stream, as all of its readers may be told. */
function reasonOf({ errors }: TransportResult): CodedError {
  const [first] = toClientErrors(errors, () => [])
  return first ?? new CodedError('INTERNAL', 'The stream was interrupted; subscribe again.')
}
