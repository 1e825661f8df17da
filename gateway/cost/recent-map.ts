/**
 * A map of what was set last, at most `max` entries. An LRU library reserves room for all of them at once, which an
 * installation with ten apps would pay for.
 */
export function createRecentMap<Value>(max: number): {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
} {
  const entries = new Map<string, Value>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= max) return
      for (const [oldest] of entries) {
        entries.delete(oldest)
        return
      }
    },
  }
}
