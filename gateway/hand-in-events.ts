import { systemCaller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import { subgraphKey } from '../kit/subgraph-key.ts'
import type { Limiter } from './cost/limiter.ts'
import type { HandInAnswer, HandInOptions } from './http/hand-in-route.ts'
import type { SystemQuery } from './identity/identity-directory.ts'

/** Events that a subgraph may hand in at once, and in each second: the log is one for all. */
const bucket = { size: 2_000, rate: 200 } as const

const mutation = `mutation RecordSubgraphEvents($subgraph: String!, $body: String!) {
  recordSubgraphEvents(subgraph: $subgraph, body: $body) { recorded repeated faults { code message event field } } }`

/** How a gateway takes events of published subgraphs: each bounded by itself, recorded by the partner subgraph. */
export function createHandIns({
  query,
  limiter,
  signatureKey,
  now,
}: {
  readonly query: SystemQuery
  readonly limiter: Pick<Limiter, 'decide'>
  /** The key that those of subgraphs derive from. */
  readonly signatureKey: Uint8Array
  readonly now: () => Date
}): HandInOptions {
  const caller = systemCaller(['system:events'])
  return {
    now,
    keyOf: (subgraph) => subgraphKey(signatureKey, subgraph),
    async admit(subgraph, events) {
      const key = `hand-in:${subgraph}`
      const { admitted, states } = await limiter.decide([{ kind: 'bucket', key, ...bucket, points: events }])
      if (admitted) return
      const retryAfter = Math.ceil((states[0]?.waitMs ?? 1_000) / 1_000)
      const message = `A subgraph hands in at most ${bucket.rate} events a second, ${bucket.size} at once.`
      throw new CodedError('THROTTLED', message, { retryAfter })
    },
    async record(handIn) {
      const { data } = await query('partner', mutation, { ...handIn }, caller)
      const answer = data?.['recordSubgraphEvents'] as HandInAnswer | null | undefined
      if (answer) return answer
      throw new CodedError('SUBGRAPH_UNAVAILABLE', 'The events cannot be recorded now; hand them in again.')
    },
  }
}
