import { Redis } from 'ioredis'
import type { Logger } from '../../kit/log.ts'
import type { CostBuckets } from './cost-buckets.ts'

/*
 * The same algorithm as in memory, as one atomic script on Redis's own clock, so that any number of gateways admit
 * exactly what one would. KEYS[1] the app's bucket; ARGV: bucket size, restore rate, points (negative: a refund).
 * Answers { admitted, available, retryAfterMs }.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local size, rate, points = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ms = 1000 / rate
local debt = math.max(0, (tonumber(redis.call('GET', KEYS[1])) or now) - now)
local wanted = math.max(0, debt + points * ms)
local capacity = size * ms
if points > 0 and wanted > capacity then
  return { 0, math.max(0, math.floor(size - debt / ms)), math.ceil(wanted - capacity) }
end
redis.call('SET', KEYS[1], string.format('%.3f', now + wanted), 'PX', math.max(1, math.ceil(wanted)))
return { 1, math.max(0, math.floor(size - wanted / ms)), 0 }
`

/** A request must not wait longer for a bucket: whoever asks has a reserve for outages. */
const commandTimeoutMs = 500

/** Buckets that all gateways on one Redis share. */
export function createRedisCostBuckets(redisUrl: string, log: Logger): CostBuckets {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: commandTimeoutMs })
  redis.on('error', (error) => log.error({ err: error }, 'Redis is out of reach'))
  redis.defineCommand('tributaryCost', { numberOfKeys: 1, lua: script })
  const run = async (appId: string, ...args: number[]): Promise<[number, number, number]> =>
    (await (redis as unknown as CostCommand).tributaryCost(`tributary:cost:${appId}`, ...args)) as [
      number,
      number,
      number,
    ]
  return {
    async reserve(appId, limits, cost) {
      const [admitted, available, retryAfterMs] = await run(appId, limits.bucketSize, limits.restoreRate, cost)
      return admitted === 1 ? { admitted: true, available } : { admitted: false, available, retryAfterMs }
    },
    async refund(appId, limits, points) {
      const [, available] = await run(appId, limits.bucketSize, limits.restoreRate, -points)
      return available
    },
    async close() {
      await redis.quit()
    },
  }
}

interface CostCommand {
  tributaryCost(key: string, ...args: number[]): Promise<unknown>
}
