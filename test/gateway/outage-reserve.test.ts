import { describe, expect, it } from 'vitest'
import type { BucketDemand, CounterDemand, Limiter } from '../../gateway/cost/limiter.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { withOutageReserve } from '../../gateway/cost/outage-reserve.ts'
import { createLogger } from '../../kit/log.ts'

/** Shared limits that can be cut off, and how often they were asked. */
function startOutage() {
  let now = 0
  let asked = 0
  const state = { down: false }
  const working = createMemoryLimiter(() => now)
  const ask = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    asked += 1
    if (state.down) throw new Error('gone')
    return work()
  }
  const shared: Limiter = {
    async decide(demands) {
      const decision = await ask(() => working.decide(demands))
      return { ...decision, settle: (points) => ask(() => decision.settle(points)) }
    },
    look: (demands) => ask(() => working.look(demands)),
    close: () => working.close(),
  }
  const limiter = withOutageReserve(shared, {
    local: createMemoryLimiter(() => now),
    log: createLogger('test', 'silent'),
    nowMs: () => now,
  })
  return {
    limiter,
    state,
    asked: () => asked,
    wait: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

const bucket = (points: number, key = 'app'): readonly [BucketDemand] => [
  { kind: 'bucket', key, size: 1_000, rate: 100, points },
]

const slot = (id: string) => [{ kind: 'slot', key: 'places', most: 10, id } as const]

describe('the reserve for an outage of the shared limits', () => {
  it('admits a tenth of the budget and says when more will be there', async () => {
    const { limiter, state, wait } = startOutage()
    state.down = true
    expect(await limiter.decide(bucket(60))).toMatchObject({ admitted: true, states: [{ remaining: 40 }] })
    expect(await limiter.decide(bucket(60))).toMatchObject({ admitted: false, states: [{ waitMs: 2_000 }] })
    expect(await limiter.decide(bucket(60, 'other'))).toMatchObject({ admitted: true })
    wait(2_000)
    expect(await limiter.decide(bucket(60))).toMatchObject({ admitted: true })
    expect(await limiter.decide(bucket(101))).toMatchObject({ admitted: false, states: [{ waitMs: 5_000 }] })
  })

  it('admits a tenth of what billing knows to be left of a quota, of a window and of places', async () => {
    const { limiter, state } = startOutage()
    state.down = true
    const quota: CounterDemand = {
      kind: 'counter',
      key: 'quota',
      most: 100,
      calls: 1,
      lastsMs: 1e9,
      atLeast: 50,
      hard: true,
    }
    const admitted = async (atLeast: number): Promise<number> => {
      let count = 0
      while ((await limiter.decide([{ ...quota, atLeast }])).admitted) count += 1
      return count
    }
    expect(await admitted(50)).toBe(5)
    expect(await admitted(55)).toBe(5)
    expect(await limiter.decide(slot('a'))).toMatchObject({ admitted: true })
    expect(await limiter.decide(slot('b'))).toMatchObject({ admitted: false })
  })

  it('gives what was taken from the shared limits back to them or to none', async () => {
    const { limiter, state, wait } = startOutage()
    const before = await limiter.decide(bucket(500))
    state.down = true
    const during = await limiter.decide(bucket(90))
    await before.settle(500)
    expect(await limiter.look(bucket(0))).toMatchObject([{ remaining: 10 }])
    state.down = false
    wait(1_000)
    expect(await limiter.look(bucket(0))).toMatchObject([{ remaining: 600 }])
    await during.settle(90)
    expect(await limiter.look(bucket(0))).toMatchObject([{ remaining: 600 }])
  })

  it('asks the shared limits once a second while they are gone, and goes back to them', async () => {
    const { limiter, state, asked, wait } = startOutage()
    await limiter.decide(bucket(900))
    state.down = true
    for (let turn = 0; turn < 10; turn += 1) await limiter.decide(bucket(1))
    expect(asked()).toBe(2)
    state.down = false
    wait(1_000)
    expect(await limiter.decide(bucket(1))).toMatchObject({ admitted: true, states: [{ remaining: 199 }] })
    expect(asked()).toBe(3)
  })
})
