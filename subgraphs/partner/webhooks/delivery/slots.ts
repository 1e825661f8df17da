/**
 * Room for turns of two kinds: quick ones, and those that wait for a receiver. Endpoints that failed lately begin as slow
 * ones, and a turn that takes long becomes one, so that however many receivers are dead, others find room at once.
 */
export interface Slots {
  /** Runs work in a slot; undefined where there is no room for it now. */
  run(kind: 'quick' | 'slow', work: () => Promise<void>): Promise<void> | undefined
  readonly free: { readonly quick: number; readonly slow: number }
}

export function createSlots(options: {
  readonly quick: number
  readonly slow: number
  /** After which a turn is a slow one. */
  readonly slowAfterMs: number
}): Slots {
  const free = { quick: options.quick, slow: options.slow }
  return {
    free,
    run(kind, work) {
      if (free[kind] === 0) return undefined
      let held = kind
      free[held] -= 1
      const timer = setTimeout(() => {
        if (held === 'slow' || free.slow === 0) return
        free[held] += 1
        held = 'slow'
        free[held] -= 1
      }, options.slowAfterMs).unref()
      return work().finally(() => {
        clearTimeout(timer)
        free[held] += 1
      })
    },
  }
}
