import { LRUCache } from 'lru-cache'
import type { Identity } from '../request.ts'
import { costExtension, readingsOf } from './charge.ts'
import { type CostRefusal, refuseByLimit } from './cost-refusal.ts'
import type { Limiter } from './limiter.ts'
import { nothingWanted, planLimits } from './plan-demands.ts'

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
  /**
   * Throws THROTTLED when the app's points do not suffice for a new document. What one contract has accepted is new to
   * another, which has to validate it again.
   */
  admit(identity: Identity, text: string, edition?: string | null): Promise<void>
  /** Remembers a document that has run. */
  accept(text: string, edition?: string | null): void
}

export function createDocumentGate(options: {
  readonly limiter: Limiter
  /** Told of the points of each new document: they are metered as those of operations are. */
  readonly charged: (identity: Identity, points: number, edition: string | null) => void
  /** Told of an operation that ends here, for which there were no points left. */
  readonly refused?: (identity: Identity, error: CostRefusal, edition: string | null) => void
  readonly now: () => Date
}): DocumentGate {
  const { limiter, charged, now } = options
  const accepted = new LRUCache<string, true>({
    maxSize: rememberedCharacters,
    sizeCalculation: (_true, text) => Math.max(1, text.length),
  })
  return {
    async admit(identity, text, edition = null) {
      if (accepted.has(edition === null ? text : withEdition(text, edition)) || text === '') return
      const wanted = Math.ceil(text.length / charactersPerPoint)
      const buckets = planLimits(identity, nothingWanted, { now: now() }).flatMap((limit) =>
        limit.demand.kind === 'bucket' ? [{ ...limit, demand: limit.demand }] : [],
      )
      // One that is dearer than a bucket takes all of it: a long document must not be impossible on a small plan.
      const points = Math.min(wanted, ...buckets.map(({ most }) => most))
      const decision = await limiter.decide(buckets.map(({ demand }) => ({ ...demand, points })))
      if (decision.admitted) return charged(identity, points, edition)
      const readings = readingsOf(buckets, decision.states)
      const cost = costExtension(identity, { requestedQueryCost: points, actualQueryCost: null, readings })
      const error = refuseByLimit(readings, { cost, now: now() })
      options.refused?.(identity, error, edition)
      throw error
    },
    accept(text, edition = null) {
      accepted.set(edition === null ? text : withEdition(text, edition), true)
    },
  }
}

/** No document begins so: the parser ends at its first character. */
function withEdition(text: string, edition: string): string {
  return `\0${edition}\0${text}`
}
