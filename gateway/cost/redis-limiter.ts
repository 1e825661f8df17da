import { Redis } from 'ioredis'
import type { Logger } from '../../kit/log.ts'
import { limitScript } from './limit-script.ts'
import { type LimitDemand, type LimitState, type Limiter, type SlotDemand, admitted, refused } from './limiter.ts'

/** A request must not wait longer for a decision: whoever asks has a reserve for outages. */
const commandTimeoutMs = 500

/** A slot that its gateway has not renewed for so long is free again: the gateway is gone. Renewed three times as often. */
const usualLeaseMs = 30_000
/** Slots that are renewed with one command. */
const renewedAtOnce = 200

type Purpose = 'decide' | 'look' | 'renew' | { readonly giveBack: number }

/** Limits that all gateways on one Redis share. */
export function createRedisLimiter(redisUrl: string, log: Logger, leaseMs = usualLeaseMs): Limiter {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 })
  redis.on('error', (error) => log.error({ err: error }, 'Redis is out of reach'))
  redis.defineCommand('tributaryLimits', { lua: limitScript })
  const held = new Map<string, SlotDemand>()

  const run = async (
    demands: readonly LimitDemand[],
    purpose: Purpose,
  ): Promise<{ admitted: boolean; states: LimitState[] }> => {
    const keys = demands.map(({ key }) => `tributary:limit:${key}`)
    const answer = await inTime(
      (redis as unknown as LimitCommand).tributaryLimits(
        keys.length,
        ...keys,
        purpose === 'decide' || purpose === 'look' ? purpose : 'settle',
        ...demands.flatMap((demand) => toArguments(demand, purpose, leaseMs)),
      ),
    )
    return { admitted: answer[0] === 1, states: demands.map((demand, index) => toState(demand, answer, index * 4 + 1)) }
  }
  const renew = async (): Promise<void> => {
    const all = [...held.values()]
    for (let from = 0; from < all.length; from += renewedAtOnce) {
      await run(all.slice(from, from + renewedAtOnce), 'renew')
    }
  }
  const timer = setInterval(() => {
    renew().catch((error: unknown) => log.warn({ err: error }, 'slots could not be renewed; tried again'))
  }, leaseMs / 3)

  return {
    async decide(demands) {
      const decided = await run(demands, 'decide')
      if (!decided.admitted) return refused(decided.states)
      for (const slot of slotsOf(demands)) held.set(`${slot.key} ${slot.id}`, slot)
      return admitted(decided.states, demands, async (points) => {
        for (const slot of slotsOf(demands)) held.delete(`${slot.key} ${slot.id}`)
        // Counters get nothing back: they stand as they were told.
        const given = demands.filter(({ kind }) => kind !== 'counter')
        const { states } = await run(given, { giveBack: points })
        return demands.map((demand, index) => states[given.indexOf(demand)] ?? (decided.states[index] as LimitState))
      })
    },
    look: async (demands) => (await run(demands, 'look')).states,
    async close() {
      clearInterval(timer)
      await redis.quit()
    },
  }
}

interface LimitCommand {
  tributaryLimits(numberOfKeys: number, ...args: (string | number)[]): Promise<number[]>
}

/**
 * Rejects when Redis does not answer in time. Time alone does not decide: in a process that is busy a timer fires
 * before the answers are read that lie in the socket, so those are read first, and load is not taken for an outage.
 */
function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('Redis did not answer in time'))
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), commandTimeoutMs)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function slotsOf(demands: readonly LimitDemand[]): SlotDemand[] {
  return demands.filter((demand) => demand.kind === 'slot')
}

function toArguments(demand: LimitDemand, purpose: Purpose, leaseMs: number): (string | number)[] {
  switch (demand.kind) {
    case 'bucket': {
      const points = typeof purpose === 'object' ? -Math.min(purpose.giveBack, demand.points) : demand.points
      return ['b', demand.size, demand.rate, points, 0]
    }
    case 'counter': {
      const calls = typeof purpose === 'object' ? 0 : demand.calls
      return ['c', demand.hard ? demand.most : -1, Math.ceil(demand.lastsMs), calls, demand.atLeast]
    }
    case 'slot': {
      const action = typeof purpose === 'object' ? -1 : purpose === 'renew' ? 2 : 1
      return ['s', demand.most, leaseMs, action, demand.id]
    }
    default:
      return demand satisfies never
  }
}

function toState(demand: LimitDemand, answer: readonly number[], at: number): LimitState {
  const [value = 0, resetMs = 0, waitMs = 0, before = -1] = answer.slice(at, at + 4)
  if (demand.kind === 'bucket') {
    return { used: demand.size - value, remaining: value, resetMs, waitMs, before: null }
  }
  const remaining = Math.max(0, demand.most - value)
  return { used: value, remaining, resetMs, waitMs, before: demand.kind === 'counter' && before >= 0 ? before : null }
}
