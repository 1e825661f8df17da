import { rateLimitHeaders } from '../cost/rate-limit-headers.ts'
import type { GraphAnswer } from '../pipeline/graph-answer.ts'

/** The headers of an answer over HTTP that come from the pipeline: how limits stand, and where the time went. */
export function answerHeaders({ limits, serverTiming }: GraphAnswer): Readonly<Record<string, string>> {
  const headers = rateLimitHeaders(limits)
  return serverTiming === null ? headers : { ...headers, 'server-timing': serverTiming }
}
