import { LRUCache } from 'lru-cache'
import { CodedError } from '../../kit/errors.ts'
import type { IdentityChanges, Subject } from './identity-changes.ts'

/** How long an answer is believed without being told of changes: the longest that a revocation then takes. */
export const believedUntoldMs = 2_000
/** How long at most while changes are told. With `unreachableMs` of the watch, half a minute. */
export const believedMs = 15_000

/** What was looked up, and after whose changes it must be looked up anew. */
export interface Answer<Value> {
  readonly value: Value
  readonly subjects: readonly Subject[]
  /** When it ends by itself, in milliseconds of the wall clock; null when it does not. */
  readonly endsAt: number | null
  /** How long it is believed at most, where that is less than others. */
  readonly mostMs?: number
}

export interface BelievedAnswers<Value> {
  /** The answer under a key, looked up when there is none that may be believed. A promise only where that takes time. */
  get(key: string, lookUp: () => Promise<Answer<Value>>): Answer<Value> | Promise<Answer<Value>>
  /** Whether what was answered last under the key was no refusal, however long ago. */
  knows(key: string): boolean
}

interface Entry<Value> {
  readonly startedAt: number
  /** The count of changes that it was compared with last. */
  comparedAt: number
  readonly pending: Promise<Answer<Value>>
  /** Whether the last that was answered, here or before, was no refusal. */
  isKnown: boolean
  answer?: Answer<Value>
}

/**
 * Remembers answers about callers. One is believed until a change concerns it, as long as all changes are told; for two
 * seconds while they are not. What was begun before a change is not believed after it, be it finished or not.
 */
export function createBelievedAnswers<Value>(options: {
  readonly most: number
  readonly changes: IdentityChanges
  readonly now: () => Date
  readonly nowMs: () => number
}): BelievedAnswers<Value> {
  const { changes, now, nowMs } = options
  const entries = new LRUCache<string, Entry<Value>>({ max: options.most })

  const isBelieved = (entry: Entry<Value>): boolean => {
    const age = nowMs() - entry.startedAt
    const { answer } = entry
    // Whom a refusal or an answer that is still to come concerns is not known.
    if (answer === undefined) return age < believedUntoldMs && entry.comparedAt === changes.count()
    if (answer.endsAt !== null && now().getTime() >= answer.endsAt) return false
    if (entry.comparedAt !== changes.count()) {
      if (changes.concern(answer.subjects, entry.startedAt)) return false
      entry.comparedAt = changes.count()
    }
    if (age < believedUntoldMs) return true
    if (age >= (answer.mostMs ?? believedMs)) return false
    const completeSince = changes.completeSince()
    return completeSince !== null && entry.startedAt >= completeSince
  }

  return {
    get(key, lookUp) {
      const known = entries.get(key)
      if (known !== undefined && isBelieved(known)) return known.answer ?? known.pending
      const entry: Entry<Value> = {
        startedAt: nowMs(),
        comparedAt: changes.count(),
        pending: lookUp(),
        isKnown: known?.isKnown ?? false,
      }
      entries.set(key, entry)
      const answered = entry.pending.then((answer) => {
        entry.answer = answer
        entry.isKnown = true
        return answer
      })
      answered.catch((error: unknown) => {
        // A subgraph that was out of reach is asked again at once, and who was known stays so; a refusal is believed.
        if (error instanceof CodedError && error.code !== 'SUBGRAPH_UNAVAILABLE') {
          entry.isKnown = false
          return
        }
        if (entries.peek(key) !== entry) return
        if (known?.answer === undefined) entries.delete(key)
        else entries.set(key, known)
      })
      return answered
    },
    knows: (key) => entries.peek(key)?.isKnown ?? false,
  }
}
