import { expect, test } from 'vitest'
import { sortInTurns } from '../../../storage/embedded/query/sort-in-turns.ts'

function compare(a: { value: number }, b: { value: number }): number {
  return a.value - b.value
}

function tooLate(): Promise<void> {
  return Promise.reject(new Error('too late'))
}

test.each([0, 1, 511, 512, 513, 5000, 20_000])('%i items are sorted stably, with pauses', async (count) => {
  const items = Array.from({ length: count }, (_, place) => ({ place, value: (place * 7919) % 997 }))
  let breaths = 0
  const breathe = async (): Promise<void> => void breaths++
  expect(await sortInTurns(items, { compare, breathe })).toEqual(items.toSorted(compare))
  expect(breaths).toBeGreaterThanOrEqual(Math.floor(count / 600))
})

test('a pause that throws ends the sort', async () => {
  const items = Array.from({ length: 2000 }, (_, place) => -place)
  await expect(sortInTurns(items, { compare: (a, b) => a - b, breathe: tooLate })).rejects.toThrow('too late')
})
