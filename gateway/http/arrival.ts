import type { IncomingHttpHeaders } from 'node:http'
import type { Arrival } from '../request.ts'

/** What the headers of a request say of how it wants to be observed. */
export function arrivalOf(headers: IncomingHttpHeaders, arrivedMs: number): Arrival {
  const { traceparent } = headers
  return {
    arrivedMs,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    timing: headers['x-tributary-timing'] === '1',
    plan: headers['x-tributary-plan'] === '1',
    fresh: /\bno-(?:cache|store)\b/.test(headers['cache-control'] ?? ''),
  }
}
