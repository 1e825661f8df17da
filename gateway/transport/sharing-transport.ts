import { type Caller, encodeCaller } from '../../kit/caller.ts'
import { Cancellation } from '../../kit/cancellation.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { abortError } from './abort-error.ts'
import { isMutation } from './operation-kind.ts'
import type { Transport, TransportRequest } from './transport.ts'

interface SharedCall {
  readonly result: Promise<SubgraphResult>
  readonly cancellation: Cancellation
  readers: number
}

/**
 * Gives one answer to all who ask a subgraph the same query as the same caller while it is under way. The call ends
 * when its last reader has gone.
 */
export function sharing(transport: Transport, name: string): Transport {
  const calls = new Map<string, SharedCall>()
  const callers = new WeakMap<Caller, string>()

  const keyOf = ({ caller, query, operationName, variables, body }: TransportRequest): string => {
    let who = callers.get(caller)
    if (who === undefined) {
      who = encodeCaller(caller)
      callers.set(caller, who)
    }
    return `${who}\n${body ?? JSON.stringify([query, operationName ?? null, variables])}`
  }
  const begin = (key: string, request: TransportRequest): SharedCall => {
    const cancellation = new Cancellation()
    const result = transport.execute({ ...request, signal: cancellation })
    const call = { result, cancellation, readers: 0 }
    calls.set(key, call)
    const over = (): void => {
      if (calls.get(key) === call) calls.delete(key)
    }
    result.then(over, over)
    return call
  }

  return {
    ...transport,
    execute(request) {
      if (isMutation(request.query) || request.signal.aborted) return transport.execute(request)
      const key = keyOf(request)
      const known = calls.get(key)
      const call = known ?? begin(key, request)
      call.readers += 1
      // The engine merges into the answers that it gets, so each reader needs one of its own.
      const own = known ? call.result.then((result) => structuredClone(result)) : call.result
      return new Promise((resolve, reject) => {
        const gone = (): void => {
          reject(abortError(name, request.signal.reason))
          call.readers -= 1
          if (call.readers > 0) return
          // Nobody may join a call that is being ended.
          if (calls.get(key) === call) calls.delete(key)
          call.cancellation.abort(request.signal.reason)
        }
        request.signal.addEventListener('abort', gone, { once: true })
        own.then(resolve, reject).finally(() => request.signal.removeEventListener('abort', gone))
      })
    },
  }
}
