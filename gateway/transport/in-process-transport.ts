import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { abortError } from './abort-error.ts'
import type { Transport, TransportRequest } from './transport.ts'

/** Calls a subgraph of this process directly, without serialising anything. */
export function createInProcessTransport(service: SubgraphService): Transport {
  return {
    execute: (request) => untilAborted(service.execute(request), request, service.name),
    async subscribe(request) {
      const results = await untilAborted(service.subscribe(request), request, service.name)
      if (Symbol.asyncIterator in results) {
        request.signal.addEventListener('abort', () => void results.return?.(), { once: true })
      }
      return results
    },
    close: () => Promise.resolve(),
  }
}

/** Resolvers of this process cannot be interrupted, but nobody need wait for them past the deadline. */
function untilAborted<Result>(work: Promise<Result>, { signal }: TransportRequest, subgraph: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(subgraph, signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
