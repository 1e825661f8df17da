import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketDemand, CounterDemand, Decision, Limiter, SlotDemand } from '../../gateway/cost/limiter.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { createRedisLimiter } from '../../gateway/cost/redis-limiter.ts'
import { createLogger } from '../../kit/log.ts'
import { demandsOf, historyLimits, historyStep } from './limit-histories.ts'
import { hasRedis, startRedis } from './redis-under-test.ts'

const told = ({ admitted, states }: Decision) => ({
  admitted,
  states: states.map(({ used, remaining, before, waitMs }) => ({
    used,
    remaining,
    before,
    waits: waitMs > 0,
  })),
})

const place = (key: string): readonly [SlotDemand] => [{ kind: 'slot', key, most: 1, id: key }]

describe.skipIf(!hasRedis)('limits on Redis', () => {
  it('answer a history as limits in memory do, whichever gateway asks', async () => {
    await using redis = await startRedis()
    const gatewayAt = (index: number) => redis.gateways[index % redis.gateways.length] as Limiter
    let app = 0
    // Points and windows come back so slowly that the real clock of Redis makes no difference.
    const slow = historyLimits.map((limits) => ({ ...limits, rate: 0.001, windowMs: 1_000_000 }))
    await fc.assert(
      fc.asyncProperty(slow, fc.array(historyStep, { maxLength: 25 }), async (limits, steps) => {
        app += 1
        const memory = createMemoryLimiter(() => 0)
        const running: { until: number; both: readonly [Decision, Decision]; unused: number }[] = []
        for (const [index, step] of steps.entries()) {
          for (const { both, unused } of running.filter(({ until }) => until === index)) {
            const [expected, actual] = await Promise.all(both.map((decision) => decision.settle(unused)))
            expect(actual?.map(({ used }) => used)).toEqual(expected?.map(({ used }) => used))
          }
          const demands = demandsOf(step, limits, `app${app}`, `${index}`)
          if (demands.length === 0) continue
          const expected = await memory.decide(demands)
          const actual = await gatewayAt(index).decide(demands)
          expect(told(actual)).toEqual(told(expected))
          if (!actual.admitted) continue
          const unused = step.points - Math.floor(step.points * step.used)
          running.push({ until: index + 1 + step.lasts, both: [expected, actual], unused })
        }
      }),
      { numRuns: 60 },
    )
  })

  const bucket: BucketDemand = { kind: 'bucket', key: 'b', size: 1_000, rate: 0.001, points: 1 }
  const counter: CounterDemand = {
    kind: 'counter',
    key: 'c',
    most: 700,
    calls: 1,
    lastsMs: 1_000_000,
    atLeast: 0,
    hard: true,
  }

  it('admit together what one gateway would, under concurrency, and take of all limits or of none', async () => {
    await using redis = await startRedis()
    const decisions = await Promise.all(
      redis.gateways.flatMap((gateway) => Array.from({ length: 400 }, () => gateway.decide([bucket, counter]))),
    )
    expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(700)
    expect(await redis.gateways[0]?.look([bucket, counter])).toMatchObject([{ remaining: 300 }, { remaining: 0 }])
  })

  it('let exactly one gateway see each threshold crossed', async () => {
    await using redis = await startRedis()
    const decisions = await Promise.all(
      redis.gateways.flatMap((gateway) => Array.from({ length: 100 }, () => gateway.decide([counter]))),
    )
    const crossed = decisions.filter(({ states: [state] }) => state && (state.before ?? -1) < 150 && state.used >= 150)
    expect(crossed).toHaveLength(1)
  })

  it('count on from what billing knows when Redis has lost all', async () => {
    await using redis = await startRedis()
    const [gateway] = redis.gateways
    expect(await gateway?.decide([{ ...counter, atLeast: 699 }])).toMatchObject({ admitted: true })
    expect(await gateway?.decide([counter])).toMatchObject({ admitted: false, states: [{ used: 700, remaining: 0 }] })
  })

  it('come back with time', async () => {
    await using redis = await startRedis()
    const [gateway] = redis.gateways
    const fast = { ...bucket, size: 100, rate: 500, points: 100 }
    await gateway?.decide([fast])
    await expect.poll(async () => (await gateway?.look([fast]))?.[0]?.remaining).toBe(100)
  })

  it('free the places of a gateway that died, and keep those of one that lives', async () => {
    await using redis = await startRedis(0)
    const log = createLogger('test', 'silent')
    const living = createRedisLimiter(redis.url, log, 300)
    const dying = createRedisLimiter(redis.url, log, 300)
    await living.decide(place('kept'))
    await dying.decide(place('left'))
    await dying.close()
    await expect.poll(async () => (await living.look(place('left')))[0]?.used).toBe(0)
    expect(await living.look(place('kept'))).toMatchObject([{ used: 1 }])
    await living.close()
  })

  it('refuse and do not hang when Redis is gone, and can still be closed', async () => {
    const redis = await startRedis()
    await Promise.all(redis.gateways.map((gateway) => gateway.decide([bucket])))
    await redis.stop()
    await expect(redis.gateways[0]?.decide([bucket])).rejects.toThrow()
    await redis[Symbol.asyncDispose]()
  })
})
