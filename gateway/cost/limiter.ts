/** Points after the generic cell rate algorithm: a bucket of `size` that gets `rate` of them back each second. */
export interface BucketDemand {
  readonly kind: 'bucket'
  readonly key: string
  readonly size: number
  readonly rate: number
  readonly points: number
}

/** Calls within a window that begins with the first of them, or within what is left of a calendar period. */
export interface CounterDemand {
  readonly kind: 'counter'
  /** A calendar period is part of the key. */
  readonly key: string
  readonly most: number
  readonly calls: number
  /** How long a count lasts that begins now. */
  readonly lastsMs: number
  /** How many calls there have been for certain, for a counter that has forgotten them. */
  readonly atLeast: number
  /** False: never refuses, only counts. */
  readonly hard: boolean
}

/** One of `most` places that is held until the decision is settled. */
export interface SlotDemand {
  readonly kind: 'slot'
  readonly key: string
  readonly most: number
  /** Who holds the place. */
  readonly id: string
}

export type LimitDemand = BucketDemand | CounterDemand | SlotDemand

/** How a limit stands; in the unit of its demand. */
export interface LimitState {
  readonly used: number
  readonly remaining: number
  /** When all of it is there again; 0 for slots, of which nobody knows. */
  readonly resetMs: number
  /** 0, or how long this limit alone makes the operation wait. */
  readonly waitMs: number
  /** What a counter had before; null when it knew nothing. */
  readonly before: number | null
}

export interface Decision {
  readonly admitted: boolean
  /** In the order of the demands; of a refusal, as if nothing had been asked. */
  readonly states: readonly LimitState[]
  /**
   * Ends an admitted operation, once: gives `unusedPoints` back to every bucket, at most what was taken, and frees its
   * slots. Answers how the limits stand then.
   */
  settle(unusedPoints: number): Promise<readonly LimitState[]>
}

/** Decides over several limits in one atomic step: all are taken from, or none is. */
export interface Limiter {
  decide(demands: readonly LimitDemand[]): Promise<Decision>
  /** How limits stand and whom they would refuse, without taking anything. */
  look(demands: readonly LimitDemand[]): Promise<readonly LimitState[]>
  /** Whether what gateways share answered when it was asked at last; left out where nothing is shared. */
  readonly reachesShared?: () => boolean
  close(): Promise<void>
}

/** When to come back for a slot: nobody knows when one is free. */
export const slotRetryMs = 1_000

/** A decision that has been refused. */
export function refused(states: readonly LimitState[]): Decision {
  return { admitted: false, states, settle: () => Promise.resolve(states) }
}

/** A decision whose end comes once, and gives back no more than was taken. */
export function admitted(
  states: readonly LimitState[],
  demands: readonly LimitDemand[],
  giveBack: (points: number) => Promise<readonly LimitState[]>,
): Decision {
  let settled: Promise<readonly LimitState[]> | undefined
  let taken = 0
  let holdsSlot = false
  for (const demand of demands) {
    if (demand.kind === 'bucket') taken = Math.max(taken, demand.points)
    else if (demand.kind === 'slot') holdsSlot = true
  }
  return {
    admitted: true,
    states,
    settle(unusedPoints) {
      const points = Math.min(taken, Math.max(0, unusedPoints))
      settled ??= points > 0 || holdsSlot ? giveBack(points) : Promise.resolve(states)
      return settled
    },
  }
}
