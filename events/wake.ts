/** A bell that is heard also when it rang before someone listened. */
export interface Wake {
  ring(): void
  /** Resolves at the next ring, or at once when it has rung since the last call. */
  heard(): Promise<void>
}

export function createWake(): Wake {
  let rung = false
  let waiting: (() => void) | undefined
  return {
    ring() {
      rung = true
      waiting?.()
    },
    async heard() {
      if (!rung) {
        await new Promise<void>((resolve) => {
          waiting = resolve
        })
        waiting = undefined
      }
      rung = false
    },
  }
}
