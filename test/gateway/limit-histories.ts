import * as fc from 'fast-check'
import type { LimitDemand } from '../../gateway/cost/limiter.ts'

/** One operation of a history: what it asks of which limits after some time, and what it gives back when it ends. */
export interface HistoryStep {
  readonly waitMs: number
  readonly points: number
  readonly calls: number
  readonly ofBucket: boolean
  readonly ofCounter: boolean
  readonly ofSlot: boolean
  /** The share of the points that it needs in the end. */
  readonly used: number
  /** How many steps later it ends. */
  readonly lasts: number
}

export interface HistoryLimits {
  readonly size: number
  readonly rate: number
  readonly mostCalls: number
  readonly windowMs: number
  readonly places: number
}

export const historyStep: fc.Arbitrary<HistoryStep> = fc.record({
  waitMs: fc.integer({ min: 0, max: 3_000 }),
  points: fc.integer({ min: 0, max: 1_200 }),
  calls: fc.integer({ min: 1, max: 3 }),
  ofBucket: fc.boolean(),
  ofCounter: fc.boolean(),
  ofSlot: fc.boolean(),
  used: fc.double({ min: 0, max: 1, noNaN: true }),
  lasts: fc.integer({ min: 0, max: 5 }),
})

export const historyLimits: fc.Arbitrary<HistoryLimits> = fc.record({
  size: fc.integer({ min: 1, max: 1_000 }),
  rate: fc.integer({ min: 1, max: 500 }),
  mostCalls: fc.integer({ min: 1, max: 20 }),
  windowMs: fc.integer({ min: 1, max: 20_000 }),
  places: fc.integer({ min: 1, max: 4 }),
})

/** The demands of a step on limits of one app. */
export function demandsOf(step: HistoryStep, limits: HistoryLimits, app: string, id: string): LimitDemand[] {
  return [
    ...(step.ofBucket
      ? [{ kind: 'bucket', key: `${app}:b`, size: limits.size, rate: limits.rate, points: step.points } as const]
      : []),
    ...(step.ofCounter
      ? [
          {
            kind: 'counter',
            key: `${app}:c`,
            most: limits.mostCalls,
            calls: step.calls,
            lastsMs: limits.windowMs,
            atLeast: 0,
            hard: true,
          } as const,
        ]
      : []),
    ...(step.ofSlot ? [{ kind: 'slot', key: `${app}:s`, most: limits.places, id } as const] : []),
  ]
}
