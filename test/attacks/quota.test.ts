import { expect, it } from 'vitest'
import { hasRedis } from '../gateway/redis-under-test.ts'
import { attackGateways } from './quota-onslaught.ts'

it.skipIf(!hasRedis)(
  'two gateway processes with 50 clients each admit no more than burst + rate x time + one query of one app',
  async () => {
    const { asked, throttled, points, billed, allowed } = await attackGateways({
      gateways: 2,
      clients: 50,
      bucketSize: 1_000,
      restoreRate: 100,
      more: (done) => done < 1_500,
    })
    expect(points).toBeLessThanOrEqual(allowed)
    expect(billed).toBeLessThanOrEqual(allowed)
    // What billing hears of is what the answers tell, and the first reading of each document.
    expect(billed).toBeGreaterThanOrEqual(points)
    expect(throttled).toBeGreaterThan(0)
    expect(asked - throttled).toBeGreaterThan(50)
  },
  120_000,
)
