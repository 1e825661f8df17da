import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { CommandError } from '../../../storage/embedded/errors.ts'
import type { Doc } from '../../../storage/embedded/query/bson.ts'
import { compareValues } from '../../../storage/embedded/query/compare-values.ts'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { indexEntries } from '../../../storage/embedded/query/encode-key.ts'
import { doc } from './documents.ts'

const fields = fc.constantFrom('a', 'b', '0', '1')
const scalar = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('x', true))
const { object } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fields, tie('value'), { maxKeys: 3 }).map((made) => ({ ...made })),
}))
const path = fc.array(fields, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))

/** The entries, or undefined for documents that such an index refuses. */
function entriesOf(holder: Doc, pattern: Doc): unknown[][] | undefined {
  try {
    return indexEntries(holder, pattern)
  } catch (error) {
    if (error instanceof CommandError && [171, 16746].includes(error.code)) return undefined
    throw error
  }
}

it('an index holds an entry for every value by which a filter finds the document', () => {
  fc.assert(
    fc.property(object, path, scalar, (made, at, wanted) => {
      const holder = doc(made)
      const entries = entriesOf(holder, { [at]: 1 })
      if (entries === undefined || !compileFilter(doc({ [at]: wanted }))(holder)) return
      const [value] = Object.values(doc({ wanted }))
      expect(entries.some(([entry]) => compareValues(entry, value) === 0)).toBe(true)
    }),
    { numRuns: 20_000 },
  )
})

it('a compound index holds every pair that one element of an array brings together', () => {
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (elements) => {
      const entries = entriesOf(doc({ list: elements }), { 'list.a': 1, 'list.b': 1 })
      if (entries === undefined) return
      for (const element of elements) {
        const { a, b } = doc(element)
        if (Array.isArray(a) || Array.isArray(b)) continue
        expect(entries.some(([x, y]) => compareValues(x, a) === 0 && compareValues(y, b) === 0)).toBe(true)
      }
    }),
    { numRuns: 2000 },
  )
})
