import type { IncomingMessage } from 'node:http'

/** Which pages of other origins may call the graph from a browser. */
export interface CrossOrigin {
  /** Headers of an answer to a page, names and values in turn; none where its origin may not read it. */
  headersFor(request: IncomingMessage): readonly string[]
  /** Headers of the answer to a preflight. */
  preflightFor(request: IncomingMessage): readonly string[]
}

const exposed =
  'x-request-id, retry-after, ratelimit, ratelimit-policy, etag, x-tributary-version, deprecation, sunset, link'
const allowedHeaders =
  'content-type, accept, authorization, x-tributary-app, x-tributary-key, apollo-require-preflight, x-apollo-operation-name, if-none-match, last-event-id'
const preflightSeconds = '600'

/**
 * Answers cross-origin requests after the Fetch standard, for the configured origins; `*` is every one. No cookie is
 * ever taken, so credentials are not allowed for.
 */
export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  const everyone = origins.includes('*')
  const known = new Set(origins)
  const headersFor = ({ headers: { origin } }: IncomingMessage): readonly string[] => {
    if (known.size === 0) return []
    const vary = everyone ? [] : ['vary', 'origin']
    if (origin === undefined || !(everyone || known.has(origin))) return vary
    return [...vary, 'access-control-allow-origin', everyone ? '*' : origin, 'access-control-expose-headers', exposed]
  }
  return {
    headersFor,
    preflightFor(request) {
      const headers = headersFor(request)
      if (!headers.includes('access-control-allow-origin')) return headers
      return [
        ...headers,
        'access-control-allow-methods',
        'GET, POST',
        'access-control-allow-headers',
        allowedHeaders,
        'access-control-max-age',
        preflightSeconds,
      ]
    },
  }
}
