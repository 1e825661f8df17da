import { createHash } from 'node:crypto'
import type { CachePolicy } from '../operation/cache-policy.ts'

/** What an answer to a GET depends on besides its URL: credentials, types and encodings. */
const varies = 'accept, accept-encoding, authorization, x-tributary-app, x-tributary-key'

/**
 * Headers that say whether an answer to a GET may be kept, names and values in turn (RFC 9111). By its own client only,
 * also where the data is public: a cache in between would go on answering a key that was revoked.
 */
export function cachingHeaders(caching: CachePolicy | null, etag: string | null): string[] {
  const kept = caching && `private, max-age=${caching.maxAgeSeconds}`
  return ['cache-control', kept ?? 'no-store', 'vary', varies, ...(etag === null ? [] : ['etag', etag])]
}

/** A weak validator of an answer's data; what it cost and what is left of limits may differ. */
export function etagOf(dataText: string): string {
  return `W/"${createHash('sha1').update(dataText).digest('base64url')}"`
}

/** Whether a client has that answer already (RFC 9110, section 13.1.2; weak comparison). */
export function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return (
    ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((one) => `W/${one.trim().replace(/^W\//, '')}` === etag)
  )
}
