import { expect, it } from 'vitest'
import { startFleet } from '../e2e/fleet.ts'
import { soak } from '../streams/soak.ts'

const readers = Number(process.env['STREAM_READERS'] ?? 5_000)
const seconds = Number(process.env['STREAM_SECONDS'] ?? 30)

it(`tells ${readers} readers over graphql-ws and SSE each of 50 events a second once and in order, while a gateway and a subgraph are killed and started again`, async () => {
  await using fleet = await startFleet(['inventory'])
  const {
    committed,
    positions,
    report,
    seconds: took,
  } = await soak(fleet, {
    readers,
    eventsPerSecond: 50,
    seconds,
    processes: 2,
    deadlineMs: 600_000,
  })
  process.stdout.write(
    `streams: ${readers} readers, ${committed} events, ${report.events} delivered in ${Math.round(took)} s, ${report.reconnects} reconnects, ${report.repeated} repeated, ${JSON.stringify(report.codes)}\n`,
  )
  expect(report).toMatchObject({ complete: readers, outOfOrder: 0 })
  expect(report.events).toBe(readers * committed)
  expect(report.positions).toBe(readers * positions)
  expect(report.reconnects).toBeGreaterThan(0)
}, 1_800_000)
