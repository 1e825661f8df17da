import { expect, it } from 'vitest'
import { attackWith } from '../gateway/limits-over-gateways.ts'
import { hasRedis } from '../gateway/redis-under-test.ts'

const seconds = Number(process.env['LIMITS_SECONDS'] ?? 60)

it.skipIf(!hasRedis)(
  `admits for ${seconds} seconds of 4 gateways with 500 clients each no more than burst + rate x time + one query`,
  async () => {
    const { asked, throttled, points, allowed } = await attackWith({ gateways: 4, clients: 500, seconds })
    process.stdout.write(
      `limits: ${asked} operations, ${throttled} throttled; ${points} points of ${Math.floor(allowed)} allowed\n`,
    )
    expect(points).toBeLessThanOrEqual(allowed)
    expect(points).toBeGreaterThan(allowed / 2)
  },
  seconds * 1_000 + 60_000,
)
