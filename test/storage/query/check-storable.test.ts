import { serialize } from 'bson'
import { expect, it } from 'vitest'
import { type Doc, readDoc } from '../../../storage/embedded/query/bson.ts'
import { checkStorable } from '../../../storage/embedded/query/check-storable.ts'
import { codeOf, doc } from './documents.ts'

function nested(levels: number): Doc {
  let inner: object = {}
  for (let level = 1; level < levels; level++) inner = level % 2 === 0 ? { a: inner } : { a: [inner] }
  return doc(inner)
}

it('lets documents of every type through, two hundred levels deep', () => {
  expect(codeOf(() => checkStorable(doc({ a: null, b: [1, { c: new Date(0) }], d: 'x' })))).toBeUndefined()
  expect(codeOf(() => checkStorable(nested(130)))).toBeUndefined()
})

it('refuses what could not be kept as it is', () => {
  expect(codeOf(() => checkStorable(nested(140)))).toBe(15)
  const bytes = serialize({ at: new Date(0) })
  Buffer.from(bytes.buffer, bytes.byteOffset).writeBigInt64LE(2n ** 62n, bytes.length - 9)
  expect(codeOf(() => checkStorable(readDoc(bytes)))).toBe(2)
  const missing = Uint8Array.from(serialize({ a: null }))
  missing[4] = 0x06
  expect(codeOf(() => checkStorable(readDoc(missing)))).toBe(2)
})
