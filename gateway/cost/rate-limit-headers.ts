import type { LimitReading } from './charge.ts'
import type { LimitUnit } from './plan-demands.ts'

/**
 * The quota units of the draft; a missing one means requests. It has none for points, so that one is ours, as its
 * parameters may be extended.
 */
const units: Readonly<Record<LimitUnit, string>> = {
  POINTS: ';qu="points"',
  CALLS: '',
  REQUESTS: ';qu="concurrent-requests"',
  STREAMS: ';qu="concurrent-requests"',
}

/**
 * `RateLimit-Policy` and `RateLimit` after draft-ietf-httpapi-ratelimit-headers-10: lists of structured fields, one
 * item per limit. `q` is the quota, `w` its window and `t` the time until all of it is there again, both in seconds,
 * `r` what is left.
 */
export function rateLimitHeaders(readings: readonly LimitReading[]): Readonly<Record<string, string>> {
  if (readings.length === 0) return {}
  let policies = ''
  let states = ''
  for (const { limit, state } of readings) {
    const { name, most, windowSeconds } = limit
    const comma = policies === '' ? '' : ', '
    policies += `${comma}"${name}";q=${most}${units[limit.unit]}${windowSeconds === null ? '' : `;w=${windowSeconds}`}`
    const reset = windowSeconds === null ? '' : `;t=${Math.ceil(state.resetMs / 1_000)}`
    states += `${comma}"${name}";r=${state.remaining}${reset}`
  }
  return { 'ratelimit-policy': policies, ratelimit: states }
}
