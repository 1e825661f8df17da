import type { Dispatcher } from 'undici'

/** What came back over HTTP, whole. */
export interface Exchanged {
  readonly status: number
  readonly text: string
}

const noStatus = 0

/**
 * Sends one request and reads its answer as text. It is undici's own way into a pool, without the streams and promises
 * of its `request`, which cost more than all else that happens to a small answer.
 */
export function exchange(
  pool: Dispatcher,
  request: Pick<Dispatcher.DispatchOptions, 'path' | 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal))
      return
    }
    let status = noStatus
    let chunks: Buffer | Buffer[] | undefined
    let controller: Dispatcher.DispatchController | undefined
    const onAbort = (): void => {
      reject(reasonOf(signal))
      controller?.abort(reasonOf(signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    pool.dispatch(request, {
      onRequestStart(given) {
        controller = given
        if (signal.aborted) given.abort(reasonOf(signal))
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
        signal.removeEventListener('abort', onAbort)
        const bytes = Array.isArray(chunks) ? Buffer.concat(chunks) : chunks
        resolve({ status, text: bytes === undefined ? '' : bytes.toString('utf8') })
      },
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    })
  })
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('the call was ended', { cause: reason })
}
