import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConnection } from '../../kit/connection.ts'
import { matchingWords, searchWords } from '../../storage/search.ts'
import { openTestDatabase, type TestDatabase } from './test-database.ts'

interface Named {
  readonly _id: string
  readonly name: string
  readonly words: readonly string[]
}

const names = [
  'Müller & Söhne',
  'Muller Maschinen',
  'Smith Machines',
  'Ångström Ltd.',
  '株式会社 東京',
  'MÜLLER Söhne Ost',
]

let database: TestDatabase
let find: (search: string) => Promise<string[]>

beforeAll(async () => {
  database = await openTestDatabase()
  const collection = (await database.connect()).collection<Named>('named')
  await collection.createIndex({ words: 1 })
  await collection.insertMany(names.map((name, n) => ({ _id: `n${n}`, name, words: searchWords(name) })))
  find = async (search) => {
    const found = await collection.find(matchingWords('words', search)).sort({ _id: 1 }).toArray()
    return found.map(({ name }) => name)
  }
})
afterAll(() => database[Symbol.asyncDispose]())

describe('a search by words', () => {
  it('finds beginnings of words without regard to case and accents', async () => {
    expect(await find('mull')).toEqual(['Müller & Söhne', 'Muller Maschinen', 'MÜLLER Söhne Ost'])
    expect(await find('ANGSTROM')).toEqual(['Ångström Ltd.'])
    expect(await find('東京')).toEqual(['株式会社 東京'])
    expect(await find('ller')).toEqual([])
  })

  it('wants every word, in any order', async () => {
    expect(await find('söhne müller')).toEqual(['Müller & Söhne', 'MÜLLER Söhne Ost'])
    expect(await find('müller söhne ost')).toEqual(['MÜLLER Söhne Ost'])
    expect(await find('müller smith')).toEqual([])
  })

  it.each(['', ' &. ', 'a b c d e f', 'x'.repeat(201)])('refuses %j, which names no words or too many', (search) => {
    expect(() => matchingWords('words', search)).toThrow('`search` takes 1 to 5 words')
  })

  it('goes on from page to page among what is found', async () => {
    const collection = (await database.connect()).collection<Named>('named')
    const read = (after: string | null) =>
      readConnection<Named>(
        { first: 1, after },
        {
          sortField: 'name',
          direction: 1,
          read: (page) =>
            collection
              .find({ ...matchingWords('words', 'söhne müller'), ...page.after })
              .sort({ ...page.sort })
              .limit(page.limit)
              .toArray(),
          count: () => collection.countDocuments(matchingWords('words', 'söhne müller')),
        },
      )
    const first = await read(null)
    const second = await read(first.pageInfo.endCursor)
    expect([...first.nodes, ...second.nodes].map(({ _id }) => _id)).toEqual(['n5', 'n0'])
    expect(second.pageInfo.hasNextPage).toBe(false)
    expect(await first.totalCount()).toBe(2)
  })
})
