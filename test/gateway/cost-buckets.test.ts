import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { BucketLimits, CostBuckets } from '../../gateway/cost/cost-buckets.ts'
import { createMemoryCostBuckets } from '../../gateway/cost/memory-cost-buckets.ts'
import { withOutageReserve } from '../../gateway/cost/outage-reserve.ts'
import { createRedisCostBuckets } from '../../gateway/cost/redis-cost-buckets.ts'
import { createLogger } from '../../kit/log.ts'

const limits = fc.record({
  bucketSize: fc.integer({ min: 1, max: 1_000 }),
  restoreRate: fc.integer({ min: 1, max: 500 }),
})
/** Something that an app does after some time: ask for points, or get unused ones of an earlier question back. */
const step = fc.record({
  waitMs: fc.integer({ min: 0, max: 3_000 }),
  cost: fc.integer({ min: 0, max: 1_200 }),
  used: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('buckets in memory', () => {
  it('never admit more than the bucket and what came back since, in any window of time', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async (bucket, steps) => {
        let now = 0
        const buckets = createMemoryCostBuckets(() => now)
        const spent: { at: number; points: number }[] = []
        for (const { waitMs, cost, used } of steps) {
          now += waitMs
          const reservation = await buckets.reserve('app', bucket, cost)
          if (!reservation.admitted) continue
          const points = Math.floor(cost * used)
          await buckets.refund('app', bucket, cost - points)
          spent.push({ at: now, points })
        }
        for (const [from, { at: begin }] of spent.entries()) {
          let sum = 0
          for (const { at, points } of spent.slice(from)) {
            sum += points
            expect(sum).toBeLessThanOrEqual(bucket.bucketSize + ((at - begin) / 1_000) * bucket.restoreRate + 1e-6)
          }
        }
      }),
    )
  })

  it('admit what they said would be there, when they said it would be', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 40 }), async (bucket, steps) => {
        let now = 0
        const buckets = createMemoryCostBuckets(() => now)
        for (const { waitMs, cost } of steps) {
          now += waitMs
          const wanted = Math.min(cost, bucket.bucketSize)
          const reservation = await buckets.reserve('app', bucket, wanted)
          if (reservation.admitted) continue
          expect(reservation.available).toBeLessThan(wanted)
          now += reservation.retryAfterMs
          expect(await buckets.reserve('app', bucket, wanted)).toMatchObject({ admitted: true })
        }
      }),
    )
  })

  it('hold their size at most, whatever is refunded and however long they rest', async () => {
    let now = 0
    const bucket: BucketLimits = { bucketSize: 100, restoreRate: 10 }
    const buckets = createMemoryCostBuckets(() => now)
    expect(await buckets.refund('app', bucket, 1_000_000)).toBe(100)
    now += 1e9
    expect(await buckets.reserve('app', bucket, 100)).toEqual({ admitted: true, available: 0 })
    expect(await buckets.reserve('app', bucket, 1)).toEqual({ admitted: false, available: 0, retryAfterMs: 100 })
  })

  it('are one per app', async () => {
    const bucket: BucketLimits = { bucketSize: 10, restoreRate: 1 }
    const buckets = createMemoryCostBuckets(() => 0)
    await buckets.reserve('one', bucket, 10)
    expect(await buckets.reserve('one', bucket, 1)).toMatchObject({ admitted: false })
    expect(await buckets.reserve('two', bucket, 10)).toMatchObject({ admitted: true })
  })
})

/** Shared buckets that can be cut off, and how often they were asked. */
function startOutage() {
  let now = 0
  let asked = 0
  const state = { down: false }
  const working = createMemoryCostBuckets(() => now)
  const ask = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    asked += 1
    if (state.down) throw new Error('gone')
    return work()
  }
  const shared: CostBuckets = {
    reserve: (...args) => ask(() => working.reserve(...args)),
    refund: (...args) => ask(() => working.refund(...args)),
    close: () => working.close(),
  }
  const buckets = withOutageReserve(shared, {
    local: createMemoryCostBuckets(() => now),
    log: createLogger('test', 'silent'),
    nowMs: () => now,
  })
  return {
    buckets,
    state,
    asked: () => asked,
    wait: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

describe('the reserve for an outage of the shared buckets', () => {
  const bucket: BucketLimits = { bucketSize: 1_000, restoreRate: 100 }

  it('admits a tenth of the budget and says when more will be there', async () => {
    const { buckets, state, wait } = startOutage()
    state.down = true
    expect(await buckets.reserve('app', bucket, 60)).toEqual({ admitted: true, available: 40 })
    expect(await buckets.reserve('app', bucket, 60)).toEqual({ admitted: false, available: 40, retryAfterMs: 2_000 })
    expect(await buckets.reserve('other', bucket, 60)).toMatchObject({ admitted: true })
    wait(2_000)
    expect(await buckets.reserve('app', bucket, 60)).toMatchObject({ admitted: true })
    expect(await buckets.reserve('app', bucket, 101)).toMatchObject({ admitted: false, retryAfterMs: 5_000 })
    expect(await buckets.refund('app', bucket, 1_000)).toBe(100)
  })

  it('asks the shared buckets once a second while they are gone, and goes back to them', async () => {
    const { buckets, state, asked, wait } = startOutage()
    await buckets.reserve('app', bucket, 900)
    state.down = true
    for (let turn = 0; turn < 10; turn += 1) await buckets.reserve('app', bucket, 1)
    expect(asked()).toBe(2)
    state.down = false
    wait(1_000)
    expect(await buckets.reserve('app', bucket, 1)).toEqual({ admitted: true, available: 199 })
    expect(asked()).toBe(3)
  })
})

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) process.stdout.write('Buckets on Redis are not tested: there is no redis-server on this machine.\n')

describe.skipIf(!hasRedis)('buckets on Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-redis-'))
  const log = createLogger('test', 'silent')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A server on a socket of its own, so that no port has to be found free, and gateways that share it. */
  async function startRedis(name: string) {
    const socket = join(folder, name)
    const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        if (/ready to accept connections/i.test(String(chunk))) resolve()
      })
    })
    const gateways = Array.from({ length: 3 }, () => createRedisCostBuckets(`unix://${socket}`, log))
    const stop = async (): Promise<void> => {
      child.kill()
      await exited
    }
    return {
      gateways,
      stop,
      async [Symbol.asyncDispose]() {
        for (const gateway of gateways) await gateway.close()
        await stop()
      },
    }
  }

  it('answer a history as buckets in memory do, whichever gateway asks', async () => {
    await using redis = await startRedis('history')
    let app = 0
    // Points come back so slowly that the real clock of Redis makes no difference.
    const slow = fc.record({ bucketSize: fc.integer({ min: 1, max: 1_000 }), restoreRate: fc.constant(0.001) })
    await fc.assert(
      fc.asyncProperty(slow, fc.array(step, { maxLength: 30 }), async (bucket, steps) => {
        const appId = `app_${app++}`
        const memory = createMemoryCostBuckets(() => 0)
        for (const [index, { cost, used }] of steps.entries()) {
          const shared = redis.gateways[index % redis.gateways.length] as CostBuckets
          const { admitted, available } = await memory.reserve(appId, bucket, cost)
          expect(await shared.reserve(appId, bucket, cost)).toMatchObject({ admitted, available })
          if (!admitted) continue
          const unused = cost - Math.floor(cost * used)
          expect(await shared.refund(appId, bucket, unused)).toBe(await memory.refund(appId, bucket, unused))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('admit together what one gateway would, under concurrency', async () => {
    await using redis = await startRedis('concurrent')
    const bucket: BucketLimits = { bucketSize: 1_000, restoreRate: 0.001 }
    const answers = await Promise.all(
      redis.gateways.flatMap((gateway) => Array.from({ length: 700 }, () => gateway.reserve('app', bucket, 1))),
    )
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(1_000)
  })

  it('come back with time', async () => {
    await using redis = await startRedis('time')
    const [gateway] = redis.gateways
    const bucket: BucketLimits = { bucketSize: 100, restoreRate: 500 }
    await gateway?.reserve('app', bucket, 100)
    await expect.poll(() => gateway?.refund('app', bucket, 0)).toBe(100)
  })

  it('refuse and do not hang when Redis is gone, and can still be closed', async () => {
    const redis = await startRedis('outage')
    const bucket: BucketLimits = { bucketSize: 100, restoreRate: 1 }
    await Promise.all(redis.gateways.map((gateway) => gateway.reserve('app', bucket, 1)))
    await redis.stop()
    await expect(redis.gateways[0]?.reserve('app', bucket, 1)).rejects.toThrow()
    for (const gateway of redis.gateways) await gateway.close()
  })
})
