import { LRUCache } from 'lru-cache'
import { CodedError } from '../../kit/errors.ts'
import type { Identity } from '../request.ts'
import type { CostBuckets } from './cost-buckets.ts'

/** Characters of a document that one point pays for. */
const charactersPerPoint = 250
/** Text of accepted documents that is remembered, in characters. */
const rememberedCharacters = 8 * 1024 * 1024

/**
 * What a document costs before anyone knows what it asks for. Parsing, validating and planning are work, also for an
 * operation that is then refused, so each text that has not been accepted before is paid for from the app's bucket.
 * A client with a fixed set of operations pays each of them once.
 */
export interface DocumentGate {
  /** Throws THROTTLED when the app's points do not suffice for a new document. */
  admit(identity: Identity, text: string): Promise<void>
  /** Remembers a document that has run. */
  accept(text: string): void
}

export function createDocumentGate(buckets: CostBuckets): DocumentGate {
  const accepted = new LRUCache<string, true>({
    maxSize: rememberedCharacters,
    sizeCalculation: (_true, text) => Math.max(1, text.length),
  })
  return {
    async admit({ caller, limits }, text) {
      if (accepted.has(text)) return
      const points = Math.min(limits.bucketSize, Math.ceil(text.length / charactersPerPoint))
      const reservation = await buckets.reserve(caller.appId, limits, points)
      if (reservation.admitted) return
      const retryAfter = Math.max(0.001, reservation.retryAfterMs / 1000)
      throw new CodedError('THROTTLED', `The app's points are used up; try again in ${retryAfter} seconds.`, {
        retryAfter,
      })
    },
    accept(text) {
      accepted.set(text, true)
    },
  }
}
