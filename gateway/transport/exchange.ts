import type { Dispatcher } from 'undici'
import type { CancelSignal } from '../../kit/cancellation.ts'
import { deadlinePassed } from '../../kit/with-deadline.ts'

/** What came back over HTTP, whole. */
export interface Exchanged {
  readonly status: number
  readonly text: string
}

const noStatus = 0

export interface ExchangeLimits {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal: CancelSignal
  /** The longest that the call may take, milliseconds; it then rejects with a TimeoutError. */
  readonly deadlineMs?: number | undefined
}

/**
 * Sends one request and reads its answer as text. It is undici's own way into a pool, without the streams and promises
 * of its `request`, which cost more than all else that happens to a small answer.
 */
export function exchange(
  pool: Dispatcher,
  request: Pick<Dispatcher.DispatchOptions, 'path' | 'method' | 'headers' | 'body'>,
  { signal, deadlineMs }: ExchangeLimits,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal))
      return
    }
    let status = noStatus
    let chunks: Buffer | Buffer[] | undefined
    let controller: Dispatcher.DispatchController | undefined
    let ended: Error | undefined
    const end = (reason: Error): void => {
      ended = reason
      over()
      reject(reason)
      controller?.abort(reason)
    }
    const onAbort = (): void => end(reasonOf(signal))
    const over = (): void => {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // A timer and no signal of its own, which would cost as much as sending a small request.
    const timer = deadlineMs === undefined ? undefined : setTimeout(() => end(deadlinePassed()), deadlineMs)
    pool.dispatch(request, {
      onRequestStart(given) {
        controller = given
        if (ended) given.abort(ended)
      },
      onResponseStart(_controller, statusCode) {
        // An informational response comes before the real one.
        status = statusCode
      },
      onResponseData(_controller, chunk) {
        if (chunks === undefined) chunks = chunk
        else if (Array.isArray(chunks)) chunks.push(chunk)
        else chunks = [chunks, chunk]
      },
      onResponseEnd() {
        over()
        const bytes = Array.isArray(chunks) ? Buffer.concat(chunks) : chunks
        resolve({ status, text: bytes === undefined ? '' : bytes.toString('utf8') })
      },
      onResponseError(_controller, error) {
        over()
        reject(error)
      },
    })
  })
}

/** Why a signal ended, as an error. */
export function reasonOf({ reason }: CancelSignal): Error {
  return reason instanceof Error ? reason : new Error('the call was ended', { cause: reason })
}
