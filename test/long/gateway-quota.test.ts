import { expect, it } from 'vitest'
import { attackGateways } from '../attacks/quota-onslaught.ts'
import { hasRedis } from '../gateway/redis-under-test.ts'

const duration = Number(process.env['LIMITS_SECONDS'] ?? 60)

it.skipIf(!hasRedis)(
  `four gateway processes with 500 clients each admit for ${duration} seconds no more than burst + rate x time + one query of one app`,
  async () => {
    const { asked, throttled, points, billed, allowed } = await attackGateways({
      gateways: 4,
      clients: 500,
      bucketSize: 1_000,
      restoreRate: 500,
      more: (_asked, seconds) => seconds < duration,
    })
    process.stdout.write(
      `gateways: ${asked} operations, ${throttled} throttled; ${points} points told and ${billed} billed of ${Math.floor(allowed)} allowed\n`,
    )
    expect(points).toBeLessThanOrEqual(allowed)
    expect(billed).toBeLessThanOrEqual(allowed)
    expect(points).toBeGreaterThan(allowed / 2)
  },
  duration * 1_000 + 180_000,
)
