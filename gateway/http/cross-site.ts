import type { IncomingHttpHeaders } from 'node:http'
import { HttpRefusal } from './http-refusal.ts'

/** Types that a page may send to any site without asking it first (Fetch standard, CORS-safelisted request headers). */
const sentUnasked = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']

/**
 * Headers that no page can send to another site unasked: Apollo's two, and the credentials of this gateway. A bearer
 * token counts, `Authorization: Basic` does not: browsers add that by themselves.
 */
const askedFor = ['x-apollo-operation-name', 'apollo-require-preflight', 'x-tributary-app', 'x-tributary-key'] as const

/**
 * Refuses what a foreign page could make a browser send: a request that needs no preflight. Apollo's rule, with our own
 * credential headers as further proof.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders): void {
  const contentType = headers['content-type']
  if (contentType !== undefined) {
    const type = contentType.split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? ''
    if (type !== '' && !sentUnasked.includes(type)) return
  }
  if (askedFor.some((name) => Boolean(headers[name]))) return
  if (/^bearer /i.test(headers.authorization ?? '')) return
  throw new HttpRefusal(
    400,
    'This could be a request that a foreign page made (CSRF). Send Content-Type: application/json, your credentials, or the header apollo-require-preflight.',
  )
}
