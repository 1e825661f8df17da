import { expect, test } from 'vitest'
import { deliverWithFaults } from '../webhooks/faulty-deliveries.ts'

const events = Number(process.env['WEBHOOK_EVENTS'] ?? 10_000)

test(`${events} events reach a receiver that fails 30 % and is silent 10 %, with three workers killed`, async () => {
  const report = await deliverWithFaults({ events, seed: Math.floor(Date.now() / 86_400_000) })
  process.stdout.write(`webhooks: ${JSON.stringify(report)}\n`)
  expect(report).toMatchObject({ distinct: events, wronglySigned: 0, outOfOrder: 0 })
  expect(report.duplicates).toBeLessThanOrEqual(events / 100)
}, 1_200_000)
