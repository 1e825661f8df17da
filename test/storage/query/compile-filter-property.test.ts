import { Decimal128, Double, Int32, Long } from 'bson'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Doc } from '../../../storage/embedded/query/bson.ts'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { modelMatches } from './filter-model.ts'

type Plain = null | boolean | number | string | Plain[] | { [field: string]: Plain }

const fields = fc.constantFrom('a', 'b', '0', '1')
const scalar = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom<Plain>(null, true, false, 'x', 'y', 0.5))
const plain = fc.letrec<{ value: Plain; object: { [field: string]: Plain } }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fields, tie('value'), { maxKeys: 3 }).map((object) => ({ ...object })),
}))

const path = fc.array(fields, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))
const range = fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$eq', '$ne')
const operators = fc.oneof(
  fc.tuple(range, plain.value).map(([operator, operand]) => ({ [operator]: operand })),
  fc.tuple(range, scalar, range, scalar).map(([one, x, two, y]) => ({ [one]: x, [two]: y })),
  fc
    .tuple(fc.constantFrom('$in', '$nin', '$all'), fc.array(plain.value, { maxLength: 3 }))
    .map(([operator, list]) => ({ [operator]: list })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  fc.nat(3).map((size) => ({ $size: size })),
  fc.tuple(range, scalar, range, scalar).map(([one, x, two, y]) => ({ $elemMatch: { [one]: x, [two]: y } })),
  fc.tuple(range, plain.value).map(([operator, operand]) => ({ $not: { [operator]: operand } })),
)
const condition = fc.tuple(path, fc.oneof(operators, plain.value)).map(([field, operand]) => ({ [field]: operand }))
const filter = fc.oneof(
  condition,
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(condition, { minLength: 1, maxLength: 3 }))
    .map(([logic, list]) => ({ [logic]: list })),
)

/** The same value with its numbers in types that change with their place. */
function typed(value: unknown, seed: { next: number }): unknown {
  if (Array.isArray(value)) return value.map((element) => typed(element, seed))
  if (typeof value === 'number') {
    const types = [
      new Double(value),
      Decimal128.fromString(String(value)),
      ...(Number.isInteger(value) ? [new Int32(value), Long.fromNumber(value)] : []),
    ]
    return types[seed.next++ % types.length]
  }
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, operatorTyped(field, inner, seed)]))
}

/** Counts and flags of operators stay as they are. */
function operatorTyped(field: string, value: unknown, seed: { next: number }): unknown {
  if (field === '$size') return new Int32(value as number)
  return field === '$exists' ? value : typed(value, seed)
}

it('finds what a slow model finds, whatever the types of the numbers', () => {
  fc.assert(
    fc.property(plain.object, filter, fc.nat(10), (doc, asked, start) => {
      const seed = { next: start }
      const matches = compileFilter(typed(asked, seed) as Doc)
      expect(matches(typed(doc, seed) as Doc)).toBe(modelMatches(doc, asked))
    }),
    { numRuns: 20_000 },
  )
})
