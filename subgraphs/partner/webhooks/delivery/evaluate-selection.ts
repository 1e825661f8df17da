import { type GraphAsker, GraphUnreachable } from '../../../../kit/ask-graph.ts'
import type { DomainEvent } from '../../../../kit/events.ts'
import type { SubgraphResult } from '../../../../kit/subgraph-service.ts'
import type { WebhookEndpoint } from '../endpoints.ts'
import type { SelectionAnswer } from './message.ts'

/** An event with what of its data the app may read. */
export type ReadableEvent = Omit<DomainEvent, 'data'> & { readonly data: Readonly<Record<string, unknown>> }

/** What came of a selection: something to send, or a reason to wait with the event. */
export type Evaluation =
  | { readonly answer: SelectionAnswer | null }
  | { readonly waitMs: number; readonly note: 'THROTTLED' | 'GRAPH_UNREACHABLE' }

const outageWaitMs = 10_000
const longestThrottleMs = 10 * 60_000
const mostErrors = 10
const timeoutMs = 12_000
const outages: ReadonlySet<string> = new Set(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'INTERNAL'])

/** The variables that an event gives: those of its data, and what it is. */
export function selectionVariables(
  { id, type, subject, time, data }: ReadableEvent,
  declared: readonly string[],
): Record<string, unknown> {
  const known: Readonly<Record<string, unknown>> = { ...data, eventId: id, type, subject, time: time.toISOString() }
  return Object.fromEntries(declared.flatMap((name) => (Object.hasOwn(known, name) ? [[name, known[name]]] : [])))
}

/**
 * Runs an endpoint's selection for an event, in the name of its app. Where the graph cannot be asked now, or the app
 * has no points left, the event waits; where the graph refuses the selection for good, the event is sent with the reason
 * instead, because it would wait for ever.
 */
export async function evaluateSelection(
  graph: GraphAsker,
  endpoint: WebhookEndpoint,
  { event, signal }: { readonly event: ReadableEvent; readonly signal: AbortSignal },
): Promise<Evaluation> {
  if (endpoint.selection === null) return { answer: null }
  let result: SubgraphResult
  try {
    result = await graph.askAs(endpoint.appId, {
      query: endpoint.selection,
      variables: selectionVariables(event, endpoint.selectionVariables),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
  } catch (error) {
    if (!(error instanceof GraphUnreachable)) throw error
    return { waitMs: outageWaitMs, note: 'GRAPH_UNREACHABLE' }
  }
  const { data, errors = [] } = result
  const told = errors.map(({ message, path, extensions }) => ({
    message,
    code: typeof extensions?.['code'] === 'string' ? extensions['code'] : 'INTERNAL',
    ...(path ? { path } : {}),
  }))
  if (data == null) {
    const throttled = errors.find(({ extensions }) => extensions?.['code'] === 'THROTTLED')
    if (throttled) {
      const given = throttled.extensions?.['retryAfter']
      const seconds = typeof given === 'number' ? given : 1
      return { waitMs: Math.min(Math.max(seconds, 1) * 1_000, longestThrottleMs), note: 'THROTTLED' }
    }
    if (told.some(({ code }) => outages.has(code))) return { waitMs: outageWaitMs, note: 'GRAPH_UNREACHABLE' }
  }
  return {
    answer: {
      data: data ?? null,
      ...(told.length > 0 ? { errors: told.slice(0, mostErrors) } : {}),
    },
  }
}
