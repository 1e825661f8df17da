import type mongoose from 'mongoose'
import { isDeepStrictEqual } from 'node:util'
import { accounts, checkedIndexes, openingBalance, type CheckedIndex } from './collections.ts'
import { applyChange, type History, type Stored } from './history.ts'

type Db = mongoose.mongo.Db

/** Compares what is stored with what the clients were told; the faults in words, none when all is well. */
export async function checkAfterCrash(db: Db, history: History): Promise<string[]> {
  const faults: string[] = []
  const stored = new Map<string, Map<string, Stored>>()
  for (const collection of ['rows', 'ledger', 'claims']) {
    const docs = await db.collection<Stored>(collection).find().sort({ $natural: 1 }).toArray()
    stored.set(collection, new Map(docs.map((doc) => [doc._id, doc])))
    if (docs.length !== stored.get(collection)?.size) faults.push(`${collection}: an _id is stored twice`)
    faults.push(...naturalOrderFaults(collection, docs))
  }
  faults.push(...settlePending(history, stored))
  for (const collection of stored.keys()) faults.push(...differences(history, collection, stored))
  for (const index of checkedIndexes) {
    faults.push(
      ...(await indexFaults(db, index, [...(stored.get(index.collection) ?? new Map<string, Stored>()).values()])),
    )
  }
  for (const collection of stored.keys())
    faults.push(...(await idIndexFaults(db, collection, stored.get(collection)?.size)))
  faults.push(
    ...claimFaults(history, stored),
    ...(await accountFaults(db, stored)),
    ...(await counterFaults(db, history)),
  )
  return faults
}

/** An operation without an answer is there as a whole or not at all; from here on it counts as what it was. */
function settlePending(history: History, stored: ReadonlyMap<string, ReadonlyMap<string, Stored>>): string[] {
  const faults: string[] = []
  for (const { changes, atomic } of history.pending) {
    const done = changes.filter(({ collection, _id, after }) => same(stored.get(collection)?.get(_id), after))
    const isPrefix = done.every((change, place) => change === changes[place])
    if (!isPrefix || (atomic && done.length > 0 && done.length < changes.length)) {
      faults.push(`an unacknowledged operation is there in part: ${show(done)} of ${show(changes)}`)
    }
    for (const change of done) applyChange(history.known, change)
  }
  history.pending.length = 0
  return faults
}

function differences(
  history: History,
  collection: string,
  stored: ReadonlyMap<string, ReadonlyMap<string, Stored>>,
): string[] {
  const [known, found] = [history.ofCollection(collection), stored.get(collection) ?? new Map<string, Stored>()]
  const lost = [...known.values()].filter((doc) => !same(found.get(doc._id), doc))
  const extra = [...found.keys()].filter((id) => !known.has(id))
  return [
    ...lost.map((doc) => `${collection}: ${doc._id} should be ${show(doc)} and is ${show(found.get(doc._id))}`),
    ...extra.map((id) => `${collection}: ${id} is there, and was refused or deleted`),
  ]
}

/** One client inserts one document after the other, and that is the order in which they stay. */
function naturalOrderFaults(collection: string, docs: readonly Stored[]): string[] {
  // Replacing a row gives it another turn, and keeps its place; the id tells when it was inserted.
  const last = new Map<string, number>()
  const faults: string[] = []
  for (const { _id } of docs) {
    const [client = '', ...rest] = _id.split('.')
    const turn = Number(rest.join('.'))
    if (turn <= (last.get(client) ?? 0)) faults.push(`${collection}: ${_id} is not in the order of insertion`)
    last.set(client, turn)
  }
  return faults
}

async function indexFaults(
  db: Db,
  { collection, name, key, filter, entriesOf }: CheckedIndex,
  docs: readonly Stored[],
): Promise<string[]> {
  const documents = db.collection<Stored>(collection)
  const explained = (await documents.find(filter).explain('executionStats')) as unknown as Explained
  const used = explained.queryPlanner.winningPlan.inputStage?.indexName
  if (used !== name) return [`${collection}: the query for index ${name} is served by ${used ?? 'a scan'}`]
  const expected = docs.filter((doc) => entriesOf(doc) > 0)
  const entries = expected.reduce((sum, doc) => sum + entriesOf(doc), 0)
  const found = await documents.find(filter, { sort: key }).toArray()
  const faults: string[] = []
  const byId = new Map(found.map((doc) => [doc._id, doc]))
  if (
    byId.size !== found.length ||
    byId.size !== expected.length ||
    expected.some((doc) => !same(byId.get(doc._id), doc))
  ) {
    faults.push(`${collection}: index ${name} finds ${found.length} documents, a scan ${expected.length}, or others`)
  }
  const { totalKeysExamined } = explained.executionStats
  if (totalKeysExamined !== entries) {
    faults.push(`${collection}: index ${name} has ${totalKeysExamined} entries, the documents ${entries}`)
  }
  return faults
}

/** Each document of a collection is found by its _id, and nothing else is in that index. */
async function idIndexFaults(db: Db, collection: string, count: number | undefined): Promise<string[]> {
  const explained = (await db
    .collection<Stored>(collection)
    .find({ _id: { $gte: '' } })
    .explain('executionStats')) as unknown as Explained
  const { totalKeysExamined, nReturned } = explained.executionStats
  if (explained.queryPlanner.winningPlan.inputStage?.indexName !== '_id_') return [`${collection}: _id is not used`]
  return totalKeysExamined === count && nReturned === count
    ? []
    : [`${collection}: the index on _id has ${totalKeysExamined} entries for ${count} documents`]
}

function claimFaults(history: History, stored: ReadonlyMap<string, ReadonlyMap<string, Stored>>): string[] {
  const slots = [...(stored.get('claims')?.values() ?? [])].map(({ slot }) => slot as number)
  const held = new Set(slots)
  return [
    ...(held.size === slots.length ? [] : ['claims: a slot has two holders']),
    ...[...history.takenSlots]
      .filter((slot) => !held.has(slot))
      .map((slot) => `claims: ${slot} was refused, and is free`),
  ]
}

/** Every transfer of the ledger, and no other, is in both of its accounts. */
async function accountFaults(db: Db, stored: ReadonlyMap<string, ReadonlyMap<string, Stored>>): Promise<string[]> {
  const balances = Array.from({ length: accounts }, () => openingBalance)
  for (const doc of stored.get('ledger')?.values() ?? []) {
    const { from, to, amount } = doc as unknown as { from: number; to: number; amount: number }
    balances[from] = (balances[from] ?? 0) - amount
    balances[to] = (balances[to] ?? 0) + amount
  }
  const found = await db.collection<{ _id: number; amount: number }>('accounts').find().sort({ _id: 1 }).toArray()
  const actual = found.map(({ amount }) => amount)
  return same(actual, balances) ? [] : [`accounts hold ${show(actual)}, by the ledger ${show(balances)}`]
}

async function counterFaults(db: Db, history: History): Promise<string[]> {
  const faults: string[] = []
  const found = await db.collection<{ _id: number; n: number; done: string[] }>('counters').find().toArray()
  for (const { _id, n, done } of found) {
    const known = history.increments.get(String(_id)) ?? new Map<string, boolean>()
    const set = new Set(done)
    if (n !== done.length || set.size !== done.length)
      faults.push(`counter ${_id} is ${n} after ${done.length} increments`)
    for (const [id, acknowledged] of known) if (acknowledged && !set.has(id)) faults.push(`counter ${_id} lost ${id}`)
    for (const id of set) {
      if (!known.has(id)) faults.push(`counter ${_id} has ${id}, which nobody sent`)
      known.set(id, true)
    }
  }
  return faults
}

type Explained = {
  readonly queryPlanner: { readonly winningPlan: { readonly inputStage?: { readonly indexName?: string } } }
  readonly executionStats: { readonly totalKeysExamined: number; readonly nReturned: number }
}

function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 300)
}
