import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LimitDemand, Limiter } from '../../gateway/cost/limiter.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { createRedisLimiter } from '../../gateway/cost/redis-limiter.ts'
import { createLogger } from '../../kit/log.ts'
import { type Spread, spreadOf } from '../measure/statistics.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'

export interface DecisionFigure {
  readonly name: string
  readonly perSecond: Spread
}

/** Decisions that wait for an answer at once. */
const atOnce = 200

/** How many decisions, each of which is settled, one process gets in memory and of a Redis on this machine. */
export async function measureDecisions(extent: {
  readonly rounds: number
  readonly seconds: number
}): Promise<DecisionFigure[]> {
  const figures = [
    {
      name: 'in memory',
      perSecond: await measure(
        createMemoryLimiter(() => performance.now()),
        extent,
      ),
    },
  ]
  if (spawnSync('redis-server', ['--version']).status !== 0) return figures
  await using redis = await startRedis()
  return [...figures, { name: 'on Redis', perSecond: await measure(redis.limiter, extent) }]
}

async function measure(
  limiter: Limiter,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Spread> {
  const rates: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    let decided = 0
    const begun = performance.now()
    const until = begun + (round === 0 ? 500 : seconds * 1_000)
    await Promise.all(
      Array.from({ length: atOnce }, async (_client, index) => {
        // In memory nothing else gets a turn between two promises, and no time passes for the others.
        for (let turn = 0; performance.now() < until; turn += 1) {
          const decision = await limiter.decide(demands(`${index}:${turn}`))
          if (!decision.admitted) throw new Error('a limit was reached that should not be')
          await decision.settle(1)
          decided += 1
        }
      }),
    )
    if (round > 0) rates.push((decided * 1_000) / (performance.now() - begun))
  }
  return spreadOf(rates)
}

function demands(id: string): LimitDemand[] {
  const [size, rate, points] = [1e9, 1e9, 10]
  return [
    { kind: 'bucket', key: 'app', size, rate, points },
    { kind: 'bucket', key: 'organization', size, rate, points },
    { kind: 'counter', key: 'month', most: 1e9, calls: 1, lastsMs: 1e9, atLeast: 0, hard: true },
    { kind: 'counter', key: 'field', most: 1e9, calls: 1, lastsMs: 1e9, atLeast: 0, hard: true },
    { kind: 'slot', key: 'requests', most: 1e9, id },
  ]
}

async function startRedis(): Promise<AsyncDisposable & { readonly limiter: Limiter }> {
  const folder = await temporaryFolder()
  const socket = join(folder.path, 'redis')
  const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      if (/ready to accept connections/i.test(String(chunk))) resolve()
    })
  })
  const limiter = createRedisLimiter(`unix://${socket}`, createLogger('bench', 'error'))
  return {
    limiter,
    async [Symbol.asyncDispose]() {
      await limiter.close()
      child.kill()
      await exited
      await folder[Symbol.asyncDispose]()
    },
  }
}
