import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

test('a text index is kept as MongoDB tells it, and searching by it is refused', async () => {
  await using server = await startServer()
  const posts = (await server.connect()).getClient().db().collection('posts')
  const spec = { age: 1, title: 'text', body: 'text' } as const
  await posts.createIndex(spec, { name: 'words', weights: { title: 5 }, collation: { locale: 'simple' } })
  await posts.createIndex(spec, { name: 'words', weights: { title: 5 } })
  expect(await posts.indexes()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    {
      v: 2,
      key: { age: 1, _fts: 'text', _ftsx: 1 },
      name: 'words',
      weights: { body: 1, title: 5 },
      default_language: 'english',
      language_override: 'language',
      textIndexVersion: 3,
    },
  ])
  await posts.insertMany([{ title: 'a', language: 'German' }, { title: 1 }, { meta: { language: 5 } }])
  await expect(posts.insertOne({ language: 'klingon' })).rejects.toMatchObject({ code: 17262 })
  await expect(posts.insertOne({ language: 1 })).rejects.toMatchObject({ code: 17261 })
  await expect(posts.find({ $text: { $search: 'a' } }).toArray()).rejects.toThrow(/\$text.*MONGODB_URI/)
  expect(await posts.find({ age: null }).toArray()).toHaveLength(3)
  await posts.dropIndex('words')
  await posts.insertOne({ language: 'klingon' })
})

test('a text index that makes no sense is refused', async () => {
  await using server = await startServer()
  const posts = (await server.connect()).getClient().db().collection('posts')
  await posts.createIndex({ 'author.name': 'text' }, { default_language: 'none', language_override: 'idioma' })
  await expect(posts.insertOne({ author: [{ idioma: 'x' }] })).rejects.toMatchObject({ code: 17262 })
  await expect(posts.createIndex({ other: 'text' })).rejects.toMatchObject({ code: 67 })
  await posts.dropIndexes()
  await expect(posts.createIndex({ a: 'text', b: 1, c: 'text' })).rejects.toMatchObject({ code: 67 })
  await expect(posts.createIndex({ a: 'text' }, { weights: { a: 0 } })).rejects.toMatchObject({ code: 67 })
  await expect(posts.createIndex({ a: 'text' }, { default_language: 'klingon' })).rejects.toMatchObject({ code: 67 })
  await expect(posts.createIndex({ a: 'text' }, { unique: true })).rejects.toThrow(/unique text index.*MONGODB_URI/)
  await expect(posts.createIndex({ a: 1 }, { weights: { a: 1 } })).rejects.toThrow(/weights.*MONGODB_URI/)
})

test('the collation that compares bytes may be named anywhere, and no other', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).getClient().db().collection('rows')
  const simple = { collation: { locale: 'simple' } }
  await rows.insertMany([{ a: 'b' }, { a: 'B' }])
  expect(await rows.find({ a: 'b' }, simple).toArray()).toHaveLength(1)
  expect(await rows.distinct('a', {}, simple)).toEqual(['B', 'b'])
  expect(await rows.updateMany({ a: 'b' }, { $set: { c: 1 } }, simple)).toMatchObject({ modifiedCount: 1 })
  expect(await rows.deleteMany({ a: 'b' }, simple)).toMatchObject({ deletedCount: 1 })
  for (const work of [
    rows.find({}, { collation: { locale: 'en' } }).toArray(),
    rows.updateOne({}, { $set: { a: 1 } }, { collation: { locale: 'simple', strength: 1 } }),
    rows.createIndex({ a: 1 }, { collation: { locale: 'en', strength: 2 } }),
  ]) {
    await expect(work).rejects.toThrow(/collation.*MONGODB_URI/)
  }
})
