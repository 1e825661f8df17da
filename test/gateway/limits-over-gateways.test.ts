import { expect, it } from 'vitest'
import { attackWith } from './limits-over-gateways.ts'
import { hasRedis } from './redis-under-test.ts'

it.skipIf(!hasRedis)(
  'admits of 4 gateways with 500 clients each no more than burst + rate x time + one query',
  async () => {
    const { asked, throttled, points, allowed } = await attackWith({ gateways: 4, clients: 500, seconds: 2 })
    expect(points).toBeLessThanOrEqual(allowed)
    expect(points).toBeGreaterThan(0)
    expect(throttled).toBeGreaterThan(0)
    expect(asked).toBeGreaterThan(throttled)
  },
)
