const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Waits after each failed attempt: the schedule that Standard Webhooks publishes. After the last one nothing is tried any more. */
export const retryDelaysMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** A wait is prolonged by up to so much of itself, so that what failed together is not tried together. */
const jitter = 0.1
const longestWish = 24 * hour

/** When to try again after so many attempts; null when the schedule is exhausted. A receiver's wish prolongs the wait, never shortens it. */
export function nextAttempt(
  tried: number,
  {
    now,
    retryAfter,
    random = Math.random,
    delaysMs = retryDelaysMs,
  }: {
    readonly now: Date
    readonly retryAfter: string | null
    readonly random?: () => number
    readonly delaysMs?: readonly number[]
  },
): Date | null {
  const delay = delaysMs[tried - 1]
  if (delay === undefined) return null
  const wait = Math.max(delay * (1 + jitter * random()), wishOf(retryAfter, now))
  return new Date(now.getTime() + wait)
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3); 0 for anything else. */
function wishOf(retryAfter: string | null, now: Date): number {
  if (retryAfter === null) return 0
  const wait = /^\d{1,9}$/.test(retryAfter.trim())
    ? Number(retryAfter) * second
    : Date.parse(retryAfter) - now.getTime()
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), longestWish)
}
