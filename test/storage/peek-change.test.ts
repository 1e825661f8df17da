import { Binary, Decimal128, Long, ObjectId } from 'bson'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeChange } from '../../storage/embedded/oplog/change.ts'
import { peekChange } from '../../storage/embedded/oplog/peek-change.ts'
import { writeDoc } from '../../storage/embedded/query/bson.ts'

const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\0'))
const value = fc.oneof(
  fc.string(),
  fc.double(),
  fc.constantFrom(null, true, new Date(0), new ObjectId(), new Binary(new Uint8Array(5)), Long.fromNumber(7)),
  fc.constantFrom(Decimal128.fromString('1.5'), { kind: 'x', db: ['y', { collection: 'z' }] }),
)

it('reads what a change is about from its bytes, whatever else it holds', () => {
  fc.assert(
    fc.property(name, fc.option(name, { nil: undefined }), fc.dictionary(name, value), (db, collection, document) => {
      const change = { kind: 'insert', db, ...(collection === undefined ? {} : { collection }) } as const
      const logged = encodeChange({ ...change, documentKey: document, fullDocument: document })
      expect(peekChange(logged)).toEqual(change)
    }),
  )
})

it('finds it behind other fields too, as in the logs of earlier versions', () => {
  const others = { documentKey: { _id: 1 }, n: 1, long: Long.fromNumber(1), at: new Date(), list: ['kind'], none: null }
  const bytes = Buffer.from(writeDoc({ ...others, db: 'a', collection: 'b', kind: 'update' }))
  expect(peekChange(bytes)).toEqual({ kind: 'update', db: 'a', collection: 'b' })
})

it('leaves to the full decoder what it does not know', () => {
  expect(peekChange(Buffer.from(writeDoc({ pattern: /x/, kind: 'insert', db: 'a' })))).toBeUndefined()
  expect(peekChange(Buffer.from(writeDoc({ db: 'a' })))).toBeUndefined()
})
