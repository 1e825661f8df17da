import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketDemand, CounterDemand, Decision, LimitDemand } from '../../gateway/cost/limiter.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { type HistoryLimits, demandsOf, historyLimits, historyStep } from './limit-histories.ts'

/** Slow and plain: points are dripped by the millisecond, windows and places are lists. */
function createModel(limits: HistoryLimits) {
  let points = limits.size
  let window: { readonly endsAt: number; calls: number } | null = null
  const places = new Set<string>()
  let now = 0
  return {
    wait(ms: number): void {
      for (let passed = 0; passed < ms; passed += 1) points = Math.min(limits.size, points + limits.rate / 1_000)
      now += ms
      if (window && window.endsAt <= now) window = null
    },
    admits(demand: LimitDemand): boolean {
      if (demand.kind === 'bucket') return demand.points === 0 || demand.points <= points + 1e-6
      return demand.kind === 'counter'
        ? (window?.calls ?? 0) + demand.calls <= demand.most
        : places.size + 1 <= demand.most
    },
    take(demand: LimitDemand): void {
      if (demand.kind === 'bucket') points -= demand.points
      else if (demand.kind === 'slot') places.add(demand.id)
      else (window ??= { endsAt: now + demand.lastsMs, calls: 0 }).calls += demand.calls
    },
    end(demand: LimitDemand, unused: number): void {
      if (demand.kind === 'bucket') points = Math.min(limits.size, points + unused)
      if (demand.kind === 'slot') places.delete(demand.id)
    },
  }
}

describe('limits in memory', () => {
  it('admit what a slow model of dripping points, windows and places admits, all of them or none', async () => {
    await fc.assert(
      fc.asyncProperty(historyLimits, fc.array(historyStep, { maxLength: 40 }), async (limits, steps) => {
        let now = 0
        const limiter = createMemoryLimiter(() => now)
        const model = createModel(limits)
        const running: { until: number; decision: Decision; demands: LimitDemand[]; unused: number }[] = []
        for (const [index, step] of steps.entries()) {
          now += step.waitMs
          model.wait(step.waitMs)
          for (const { decision, demands, unused } of running.filter(({ until }) => until === index)) {
            await decision.settle(unused)
            for (const demand of demands) model.end(demand, demand.kind === 'bucket' ? unused : 0)
          }
          const demands = demandsOf(step, limits, 'app', `${index}`)
          const decision = await limiter.decide(demands)
          expect(decision.admitted).toBe(demands.every((demand) => model.admits(demand)))
          if (!decision.admitted) continue
          for (const demand of demands) model.take(demand)
          const unused = step.ofBucket ? step.points - Math.floor(step.points * step.used) : 0
          running.push({ until: index + 1 + step.lasts, decision, demands, unused })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('admit what they said would be there, when they said it would be', async () => {
    await fc.assert(
      fc.asyncProperty(historyLimits, fc.array(historyStep, { maxLength: 40 }), async (limits, steps) => {
        let now = 0
        const limiter = createMemoryLimiter(() => now)
        for (const [index, step] of steps.entries()) {
          now += step.waitMs
          const points = Math.min(step.points, limits.size)
          const calls = Math.min(step.calls, limits.mostCalls)
          const demands = demandsOf({ ...step, points, calls, ofSlot: false }, limits, 'app', `${index}`)
          const decision = await limiter.decide(demands)
          if (decision.admitted) continue
          now += Math.max(...decision.states.map(({ waitMs }) => waitMs))
          expect(await limiter.decide(demands)).toMatchObject({ admitted: true })
        }
      }),
    )
  })

  const bucket: BucketDemand = { kind: 'bucket', key: 'b', size: 100, rate: 10, points: 0 }
  const counter: CounterDemand = {
    kind: 'counter',
    key: 'c',
    most: 10,
    calls: 1,
    lastsMs: 1_000,
    atLeast: 0,
    hard: true,
  }

  it('give back no more than was taken, and once', async () => {
    const limiter = createMemoryLimiter(() => 0)
    await limiter.decide([{ ...bucket, points: 50 }])
    const decision = await limiter.decide([{ ...bucket, points: 20 }])
    expect(await decision.settle(1_000_000)).toMatchObject([{ remaining: 50 }])
    await decision.settle(20)
    expect(await limiter.look([bucket])).toMatchObject([{ remaining: 50, resetMs: 5_000 }])
  })

  it('keep spent points spent when a plan changes size and rate', async () => {
    const limiter = createMemoryLimiter(() => 0)
    await limiter.decide([{ ...bucket, points: 60 }])
    expect(await limiter.look([{ ...bucket, size: 1_000, rate: 500 }])).toMatchObject([{ used: 60, remaining: 940 }])
    expect(await limiter.look([{ ...bucket, size: 50 }])).toMatchObject([{ remaining: 0 }])
  })

  it('count on from what billing knows, in a process that knows nothing or less', async () => {
    const limiter = createMemoryLimiter(() => 0)
    expect(await limiter.decide([{ ...counter, atLeast: 8 }])).toMatchObject({ admitted: true, states: [{ used: 9 }] })
    expect(await limiter.decide([{ ...counter, atLeast: 3 }])).toMatchObject({ admitted: true, states: [{ used: 10 }] })
    expect(await limiter.decide([{ ...counter, most: 100, atLeast: 40 }])).toMatchObject({ states: [{ used: 41 }] })
  })

  it('only count where a limit is soft', async () => {
    const limiter = createMemoryLimiter(() => 0)
    const soft = { ...counter, most: 1, hard: false }
    for (let call = 0; call < 5; call += 1) expect(await limiter.decide([soft])).toMatchObject({ admitted: true })
    expect(await limiter.look([soft])).toMatchObject([{ used: 5, remaining: 0 }])
  })
})
