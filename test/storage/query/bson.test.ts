import { Decimal128, Double, Int32, Long, serialize } from 'bson'
import { expect, it } from 'vitest'
import { readDoc, writeDoc } from '../../../storage/embedded/query/bson.ts'
import { codeOf } from './documents.ts'

it('keeps every numeric type and the order of fields', () => {
  const read = readDoc(
    serialize({ z: new Int32(1), a: new Double(1), m: Long.fromNumber(1), d: Decimal128.fromString('1.0') }),
  )
  expect(Object.keys(read)).toEqual(['z', 'a', 'm', 'd'])
  expect(Object.values(read).map((value) => value?.constructor)).toEqual([Int32, Double, Long, Decimal128])
  expect(writeDoc(read)).toEqual(
    serialize({ z: new Int32(1), a: new Double(1), m: Long.fromNumber(1), d: Decimal128.fromString('1.0') }),
  )
})

it('takes __proto__ for a field like any other', () => {
  const bytes = serialize(JSON.parse('{"__proto__":{"admin":true},"a":{"constructor":1}}') as object)
  const read = readDoc(bytes)
  expect(Object.keys(read)).toEqual(['__proto__', 'a'])
  expect(read.admin).toBeUndefined()
  expect(Buffer.compare(writeDoc(read), bytes)).toBe(0)
})

it('reads references as plain documents, so that paths lead through them', () => {
  const read = readDoc(serialize({ list: [{ ref: { $ref: 'orgs', $id: 7, $db: 'x', note: 'n' } }] }))
  expect(Object.keys((read.list as { ref: object }[])[0]?.ref ?? {})).toEqual(['$ref', '$id', '$db', 'note'])
})

it('refuses bytes that are no document', () => {
  const bytes = serialize({ a: 'text' })
  expect(codeOf(() => readDoc(bytes.subarray(0, -1)))).toBe(9)
  expect(codeOf(() => readDoc(new Uint8Array(3)))).toBe(9)
  const lying = Uint8Array.from(bytes)
  lying[7] = 0xff
  expect(codeOf(() => readDoc(lying))).toBe(9)
})

it('refuses to write what BSON cannot hold', () => {
  expect(codeOf(() => writeDoc({ big: 'x'.repeat(18 * 1024 * 1024) }))).toBe(10334)
  expect(codeOf(() => writeDoc({ a: { _bsontype: 'Int32', value: 1 } }))).toBe(2)
})
