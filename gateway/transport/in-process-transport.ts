import type { CancelSignal } from '../../kit/cancellation.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { abortError } from './abort-error.ts'
import type { Transport, TransportRequest } from './transport.ts'

/** Calls a subgraph of this process directly, without serialising anything. */
export function createInProcessTransport(service: SubgraphService): Transport {
  return {
    execute: (request) => untilAborted(service.execute(request), request, service.name),
    subscribe(request) {
      const opening = service.subscribe(request)
      // Waited for here and not below, because a feed that opens only after the client is gone must be closed as well.
      void opening.then(
        (results) => closeOnAbort(results, request.signal),
        () => undefined,
      )
      return untilAborted(opening, request, service.name)
    },
    close: () => Promise.resolve(),
  }
}

function closeOnAbort(results: object | AsyncIterableIterator<unknown, undefined>, signal: CancelSignal): void {
  if (!(Symbol.asyncIterator in results)) return
  const close = (): void => void results.return?.()
  if (signal.aborted) close()
  else signal.addEventListener('abort', close, { once: true })
}

/** Resolvers of this process cannot be interrupted, but nobody need wait for them past the deadline. */
function untilAborted<Result>(work: Promise<Result>, { signal }: TransportRequest, subgraph: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(subgraph, signal.reason))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
