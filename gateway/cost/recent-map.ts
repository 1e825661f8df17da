/**
 * A map of what was read or set last: of at least `kept` entries, and at most twice as many. An LRU library reserves
 * room for all of them at once, which an installation with ten apps would pay for, and moves an entry at each step.
 */
export function createRecentMap<Value>(kept: number): {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
} {
  let recent = new Map<string, Value>()
  let before = new Map<string, Value>()
  const set = (key: string, value: Value): void => {
    recent.set(key, value)
    if (recent.size < kept) return
    before = recent
    recent = new Map()
  }
  return {
    get(key) {
      const value = recent.get(key)
      if (value !== undefined) return value
      const older = before.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
  }
}
