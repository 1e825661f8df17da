import type mongoose from 'mongoose'
import type { Stored } from './history.ts'

type Db = mongoose.mongo.Db

/** An index with a filter that only it serves, and by hand what it must hold. */
export type CheckedIndex = {
  readonly collection: string
  readonly name: string
  readonly key: Readonly<Record<string, 1 | -1>>
  readonly options: mongoose.mongo.CreateIndexesOptions
  readonly filter: Readonly<Record<string, unknown>>
  /** How many entries of the index a document has. */
  readonly entriesOf: (doc: Stored) => number
}

const everyOne = (): number => 1

export const checkedIndexes: readonly CheckedIndex[] = [
  {
    collection: 'rows',
    name: 'owner and turn',
    key: { owner: 1, turn: 1 },
    options: { unique: true },
    filter: { owner: { $gte: 0 } },
    entriesOf: everyOne,
  },
  {
    collection: 'rows',
    name: 'value',
    key: { value: -1, turn: 1 },
    options: {},
    filter: { value: { $gte: 0 } },
    entriesOf: everyOne,
  },
  {
    collection: 'rows',
    name: 'tags',
    key: { tags: 1 },
    options: {},
    filter: { tags: { $gte: '' } },
    entriesOf: ({ tags }) => new Set(tags as string[]).size,
  },
  {
    collection: 'rows',
    name: 'live turns',
    key: { turn: 1 },
    options: { partialFilterExpression: { live: true } },
    filter: { live: true, turn: { $gte: 0 } },
    entriesOf: ({ live }) => Number(live),
  },
  {
    collection: 'ledger',
    name: 'from',
    key: { from: 1 },
    options: {},
    filter: { from: { $gte: 0 } },
    entriesOf: everyOne,
  },
  {
    collection: 'claims',
    name: 'slot',
    key: { slot: 1 },
    options: { unique: true },
    filter: { slot: { $gte: 0 } },
    entriesOf: everyOne,
  },
]

export const accounts = 4
export const counters = 3
export const openingBalance = 1000

/** Makes what the clients of one round write to. */
export async function createCollections(db: Db): Promise<void> {
  for (const { collection, key, name, options } of checkedIndexes) {
    await db.collection(collection).createIndex(key, { name, ...options })
  }
  await db
    .collection<{ _id: number; amount: number }>('accounts')
    .insertMany(Array.from({ length: accounts }, (_, _id) => ({ _id, amount: openingBalance })))
  await db
    .collection<{ _id: number; n: number; done: string[] }>('counters')
    .insertMany(Array.from({ length: counters }, (_, _id) => ({ _id, n: 0, done: [] })))
}
