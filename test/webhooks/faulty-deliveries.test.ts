import { expect, test } from 'vitest'
import { deliverWithFaults } from './faulty-deliveries.ts'

// `npm run test:long` does the same with 10,000 events.
test('a receiver that fails and workers that are killed lose no event and upset no order', async () => {
  const report = await deliverWithFaults({ events: 200, seed: 7 })
  expect(report).toMatchObject({ distinct: 200, wronglySigned: 0, outOfOrder: 0 })
  // What was under way in the three that were killed: bounded by what a round takes in, not by how many events there are.
  expect(report.duplicates).toBeLessThanOrEqual(3 * 4 * 24)
}, 120_000)
