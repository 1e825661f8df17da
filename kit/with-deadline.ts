import { type CancelSignal, Cancellation } from './cancellation.ts'

/** A signal that whoever has this may end. */
export interface OwnSignal {
  readonly signal: CancelSignal
  abort(reason: unknown): void
}

/**
 * Runs work under a signal that ends with `outer` or after `ms` milliseconds, whichever is first. Everything is taken
 * down again when the work is over, because `outer` may live as long as a stream (`AbortSignal.any` would hold on).
 */
export async function withDeadline<Result>(
  outer: CancelSignal,
  ms: number,
  work: (signal: CancelSignal) => Promise<Result>,
): Promise<Result> {
  const inner = new Cancellation()
  const onAbort = (): void => inner.abort(outer.reason)
  if (outer.aborted) onAbort()
  outer.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => inner.abort(deadlinePassed()), ms)
  try {
    return await work(inner)
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', onAbort)
  }
}

/** The same for work whose signal is its own: it needs no other. */
export async function withOwnDeadline<Result>(
  own: OwnSignal,
  ms: number,
  work: (signal: CancelSignal) => Promise<Result>,
): Promise<Result> {
  const timer = setTimeout(() => own.abort(deadlinePassed()), ms)
  try {
    return await work(own.signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Why something was ended whose time was over. */
export function deadlinePassed(): DOMException {
  return new DOMException('the deadline has passed', 'TimeoutError')
}
