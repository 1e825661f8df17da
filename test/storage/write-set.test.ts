import { array, assert, boolean, integer, oneof, option, property, record, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { WriteSet } from '../../storage/embedded/engine/write-set.ts'

const key = integer({ min: 0, max: 200 }).map((number) => Buffer.of(number))
const step = oneof(
  record({ put: array(tuple(key, option(integer({ max: 255, min: 0 }))), { maxLength: 150 }) }),
  record({ from: key, to: key, reverse: boolean() }),
)

test('whatever was written and looked at before, a range gives the last write of each key in order', () => {
  assert(
    property(array(step, { maxLength: 20 }), (steps) => {
      const writes = new WriteSet()
      const model = new Map<number, number | null>()
      for (const one of steps) {
        if ('put' in one) {
          for (const [place, value] of one.put) {
            writes.put(place, value === null ? undefined : Buffer.of(value))
            model.set(place[0] as number, value)
          }
          continue
        }
        const { from, to, reverse } = one
        const found = writes.within({ from, to }, reverse).map(({ key: at, value }) => [at[0], value?.[0] ?? null])
        const wanted = [...model]
          .filter(([at]) => at >= (from[0] as number) && at < (to[0] as number))
          .toSorted(([a], [b]) => (reverse ? b - a : a - b))
        expect(found).toEqual(wanted)
      }
    }),
  )
})
