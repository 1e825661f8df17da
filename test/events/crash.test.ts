import { expect, test } from 'vitest'
import { eventCrashRounds } from './crash/crash-rounds.ts'

// `npm run test:long` does the same 200 times, from another seed each day.
test('kill -9 between commit and publication loses no event and makes none up', async () => {
  const { faults, acknowledged } = await eventCrashRounds({ rounds: 5, seed: 1 })
  expect(faults).toEqual([])
  expect(acknowledged).toBeGreaterThan(50)
}, 120_000)
