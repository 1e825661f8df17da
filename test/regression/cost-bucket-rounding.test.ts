import { expect, it } from 'vitest'
import { createMemoryCostBuckets } from '../../gateway/cost/memory-cost-buckets.ts'

it('admits an operation after the wait that it was told, at rates whose milliseconds per point are no round number', async () => {
  for (let restoreRate = 1; restoreRate <= 500; restoreRate += 1) {
    let now = 0
    const limits = { bucketSize: 7, restoreRate }
    const buckets = createMemoryCostBuckets(() => now)
    for (let turn = 0; turn < 40; turn += 1) {
      const cost = 1 + (turn % 7)
      const reservation = await buckets.reserve('app', limits, cost)
      if (reservation.admitted) continue
      now += reservation.retryAfterMs
      expect(await buckets.reserve('app', limits, cost)).toMatchObject({ admitted: true })
    }
  }
})
