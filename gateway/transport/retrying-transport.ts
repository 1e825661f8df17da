import { setTimeout as wait } from 'node:timers/promises'
import { abortSignalOf } from '../../kit/cancellation.ts'
import { isCodedError } from '../../kit/errors.ts'
import { isMutation } from './operation-kind.ts'
import type { Transport, TransportRequest } from './transport.ts'

export interface RetryOptions {
  /** Retries that each call saves up: 0.1 lets one call in ten be made twice, so that retries never double a load. */
  readonly share?: number
  /** Most retries that can be saved up. */
  readonly burst?: number
  /** The longest pause before the second attempt, milliseconds; the pause is spread between a quarter and all of it. */
  readonly pauseMs?: number
  readonly random?: () => number
}

/**
 * Asks a subgraph a second time when a query got no answer (a broken connection, 502, 503, 504). Never a mutation,
 * which may have happened, and never after the deadline.
 */
export function retrying(
  transport: Transport,
  { share = 0.1, burst = 10, pauseMs = 100, random = Math.random }: RetryOptions = {},
): Transport {
  let saved = burst
  const mayRetry = (error: unknown, { query, signal }: TransportRequest): boolean =>
    saved >= 1 && !signal.aborted && !isMutation(query) && isCodedError(error) && error.code === 'SUBGRAPH_UNAVAILABLE'

  return {
    ...transport,
    async execute(request) {
      saved = Math.min(burst, saved + share)
      try {
        return await transport.execute(request)
      } catch (error) {
        if (!mayRetry(error, request)) throw error
        saved -= 1
        await wait(pauseMs * (0.25 + 0.75 * random()), undefined, { signal: abortSignalOf(request.signal) }).catch(
          () => {
            throw error
          },
        )
        return transport.execute(request)
      }
    },
  }
}
