import { isCodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { CallWindow } from './call-window.ts'
import type { Metrics } from './metrics.ts'

/** What of a transport is observed; all else of it is passed on. */
interface Observed<Request> {
  execute(request: Request): Promise<SubgraphResult>
}

/** Counts and times the calls to one subgraph. */
export function observedTransport<Request, Transport extends Observed<Request>>(
  transport: Transport,
  { name, metrics, calls }: { readonly name: string; readonly metrics: Metrics; readonly calls: CallWindow },
): Transport {
  // Looked up once: finding a child by its labels is most of what a metric costs.
  const ok = metrics.subgraphCalls.tally({ subgraph: name, outcome: 'ok' })
  const took = metrics.subgraphSeconds.durations({ subgraph: name })
  return {
    ...transport,
    async execute(request: Request) {
      const begun = performance.now()
      calls.begin()
      let failure: string | null = null
      try {
        const result = await transport.execute(request)
        ok.count += 1
        return result
      } catch (error) {
        failure = isCodedError(error) ? error.code : 'INTERNAL'
        metrics.subgraphCalls.tally({ subgraph: name, outcome: failure }).count += 1
        throw error
      } finally {
        const tookMs = performance.now() - begun
        took.observe(tookMs / 1000)
        calls.end(tookMs, failure)
      }
    },
  }
}
