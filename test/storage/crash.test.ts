import { expect, test } from 'vitest'
import { crashRounds } from './crash/crash-rounds.ts'

// `npm run test:long` does the same 200 times, from another seed each day.
test('kill -9 under load loses nothing that was acknowledged and tears nothing', async () => {
  const { faults, acknowledged, unanswered } = await crashRounds({ rounds: 4, seed: 1 })
  expect(faults).toEqual([])
  expect(acknowledged).toBeGreaterThan(100)
  expect(unanswered).toBeGreaterThan(0)
}, 120_000)
