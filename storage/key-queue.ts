/**
 * Runs work that changes the same documents one after the other instead of letting its transactions conflict and run
 * again. It orders the work of this process only: what makes it right is the transaction, what makes it fast is this.
 */
export interface KeyQueue {
  /** Runs `work` once nothing else with one of these keys runs; in the order of arrival. */
  run<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result>
}

const nothing = Promise.resolve()
const noop = (): void => undefined

/** Makes a queue; work with no key in common runs at the same time. */
export function createKeyQueue(): KeyQueue {
  const last = new Map<string, Promise<void>>()
  return {
    async run(keys, work) {
      const wanted = [...new Set(keys)]
      // All keys are taken in one step, so two pieces of work can never wait for each other.
      const before = Promise.all(wanted.map((key) => last.get(key) ?? nothing))
      const result = before.then(work)
      const mine = result.then(noop, noop)
      for (const key of wanted) last.set(key, mine)
      try {
        return await result
      } finally {
        for (const key of wanted) if (last.get(key) === mine) last.delete(key)
      }
    },
  }
}
