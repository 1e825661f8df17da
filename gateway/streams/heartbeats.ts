/** Something that is looked after once per period. */
export interface Beating {
  /** Lets the other side know that this one is there, and looks for signs of it. */
  beat(): void
}

/** How often each client is sent a sign of life, and looked for one. */
export const heartbeatMs = 12_000
/** Not all at once: a gateway with 10,000 clients would stand still for the time that takes. */
const groups = 12

/** One timer for the heartbeats of all clients of a front. */
export class Heartbeats {
  readonly #groups: readonly Set<Beating>[] = Array.from({ length: groups }, () => new Set())
  readonly #timer: NodeJS.Timeout
  #now = 0

  constructor(periodMs: number) {
    this.#timer = setInterval(() => this.#turn(), periodMs / groups).unref()
  }

  /** Looks after it, first when a whole period has gone by. Answers how to stop. */
  add(beating: Beating): () => void {
    // The group whose turn has just been.
    const group = this.#groups[this.#now]
    group?.add(beating)
    return () => group?.delete(beating)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #turn(): void {
    this.#now = (this.#now + 1) % groups
    for (const beating of this.#groups[this.#now] ?? []) beating.beat()
  }
}
