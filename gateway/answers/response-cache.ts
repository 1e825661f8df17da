import { LRUCache } from 'lru-cache'
import type { CachePolicy } from '../operation/cache-policy.ts'
import type { Identity, Variables } from '../request.ts'

/** What of an answer is kept: its data, as JSON. */
export interface KeptAnswer {
  readonly dataText: string
  /** Seconds for which it may still be kept, by whoever gets it. */
  readonly maxAgeSeconds: number
}

/** A query as the cache tells it from others. */
export interface CachedQuestion {
  /** The prepared operation: one per document, name and policy view. */
  readonly operation: object
  readonly policy: CachePolicy
  readonly variables: Variables
  readonly identity: Identity
}

/** What came of asking the cache. */
export interface CacheLookup {
  readonly found: KeptAnswer | undefined
  /** Keeps an answer, unless a mutation has run since the lookup: it may have been read before. */
  keep(dataText: string): void
}

/** Answers that the schema lets be kept, for the callers that it lets have them. */
export interface ResponseCache {
  look(question: CachedQuestion): CacheLookup
  /** Forgets what a mutation of this caller may have changed: all for the operator, else its organization's answers. */
  forgetAfterMutation(identity: Identity): void
}

interface Entry {
  readonly dataText: string
  readonly keptAtMs: number
  readonly policy: CachePolicy
  /** The epoch of its audience when it was asked for. */
  readonly epoch: string
}

const maximumAnswers = 10_000
/** Organizations whose last mutation is remembered. */
const maximumAudiences = 10_000
/** An answer beyond it is not worth the place of a thousand others. */
const largestCharacters = 1024 * 1024

/**
 * Keeps answers in this process, bounded by entries and by bytes. A public answer is shared by all callers with the
 * same policy view and environment, a private one is kept for one app (and end user) alone.
 */
export function createResponseCache(options: {
  /** Zero keeps nothing. */
  readonly maximumBytes: number
  readonly nowMs: () => number
}): ResponseCache {
  const { maximumBytes, nowMs } = options
  const entries =
    maximumBytes === 0
      ? null
      : new LRUCache<string, Entry>({
          max: maximumAnswers,
          maxSize: maximumBytes,
          // Two bytes a character at the most, and about 200 for the entry itself.
          sizeCalculation: ({ dataText }, key) => 2 * (dataText.length + key.length) + 200,
        })
  const operations = new WeakMap<object, number>()
  let numbered = 0
  let epochs = 0
  let epochOfAll = 0
  const epochOf = new LRUCache<string, number>({
    max: maximumAudiences,
    // Who falls out of the list must not find answers again that were forgotten.
    dispose: (_epoch, _organization, reason) => {
      if (reason === 'evict') epochOfAll = epochs += 1
    },
  })
  /** Changes with each mutation that may have changed the answer. A public one holds nobody's own data. */
  const epochFor = ({ policy, identity: { caller } }: CachedQuestion): string =>
    policy.scope === 'PUBLIC' ? String(epochOfAll) : `${epochOfAll} ${epochOf.get(caller.organizationId) ?? 0}`

  const keyOf = ({ operation, policy, variables, identity: { caller } }: CachedQuestion): string => {
    let number = operations.get(operation)
    if (number === undefined) {
      number = numbered += 1
      operations.set(operation, number)
    }
    const audience =
      policy.scope === 'PUBLIC' && !caller.operator
        ? 'all'
        : JSON.stringify([caller.organizationId, caller.appId, caller.endUserId ?? null])
    return `${number} ${caller.environment} ${audience} ${JSON.stringify(variables)}`
  }

  return {
    look(question) {
      if (entries === null) return { found: undefined, keep: () => undefined }
      const key = keyOf(question)
      const epoch = epochFor(question)
      const { policy } = question
      return {
        found: stillGood(entries.get(key), epoch),
        keep(dataText) {
          if (dataText.length > largestCharacters || epochFor(question) !== epoch) return
          entries.set(key, { dataText, keptAtMs: nowMs(), policy, epoch })
        },
      }
    },
    forgetAfterMutation({ caller }) {
      epochs += 1
      if (caller.operator) epochOfAll = epochs
      else epochOf.set(caller.organizationId, epochs)
    },
  }

  function stillGood(entry: Entry | undefined, epoch: string): KeptAnswer | undefined {
    if (entry === undefined || entry.epoch !== epoch) return undefined
    const left = Math.floor(entry.policy.maxAgeSeconds - (nowMs() - entry.keptAtMs) / 1_000)
    return left > 0 ? { dataText: entry.dataText, maxAgeSeconds: left } : undefined
  }
}
