import mongoose from 'mongoose'
import { accounts, counters } from './collections.ts'
import type { Change, History, Stored } from './history.ts'
import type { Random } from './random.ts'

/** One of the clients that write until the server is gone. */
export type Client = {
  readonly number: number
  readonly db: mongoose.mongo.Db
  readonly mongo: mongoose.mongo.MongoClient
  readonly history: History
  readonly random: Random
}

type Turn = (client: Client, turn: number) => Promise<boolean>

/** Whether the client can go on: it ends with the first operation whose outcome it was not told. */
async function tell(
  { history }: Client,
  { changes, atomic = true }: { changes: readonly Change[]; atomic?: boolean },
  work: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await work()
  } catch (error) {
    // An answer with an error is an answer: nothing of it must be found.
    if (isAnswer(error)) return true
    history.pending.push({ changes, atomic })
    return false
  }
  history.acknowledge(changes)
  return true
}

const insertRows: Turn = (client, turn) => {
  const count = 1 + client.random.below(5)
  const docs = Array.from({ length: count }, (_, place) => newRow(client, turn + place / 10))
  return tell(client, { changes: docs.map((after) => changeOf('rows', after)), atomic: false }, () =>
    client.db.collection<Stored>('rows').insertMany(docs),
  )
}

const changeRow: Turn = async (client, turn) => {
  const { db, random } = client
  const row = ownRow(client)
  if (row === undefined) return insertRows(client, turn)
  const { _id } = row
  const rows = db.collection<Stored>('rows')
  const way = random.below(3)
  if (way === 0) {
    return tell(client, { changes: [{ collection: 'rows', _id, after: undefined }] }, () => rows.deleteOne({ _id }))
  }
  if (way === 1) {
    const after = { ...newRow(client, turn), _id }
    return tell(client, { changes: [changeOf('rows', after)] }, () => rows.replaceOne({ _id }, after))
  }
  const { value, tags, live } = newRow(client, turn)
  return tell(client, { changes: [changeOf('rows', { ...row, value, tags, live })] }, () =>
    rows.findOneAndUpdate({ _id }, { $set: { value, tags, live } }),
  )
}

const increment: Turn = async ({ number, db, history, random }, turn) => {
  const counter = random.below(counters)
  const id = `${number}.${turn}`
  const known = history.increments.get(String(counter)) ?? new Map<string, boolean>()
  history.increments.set(String(counter), known)
  known.set(id, false)
  try {
    await db
      .collection<{ _id: number; n: number; done: string[] }>('counters')
      .updateOne({ _id: counter }, { $inc: { n: 1 }, $push: { done: id } })
  } catch {
    // Each update of a counter is good by itself, so that any error is that of a server that is gone.
    return false
  }
  known.set(id, true)
  history.acknowledge([])
  return true
}

/** Two accounts and the ledger, in one transaction. */
const transfer: Turn = async (client, turn) => {
  const { number, db, mongo, random } = client
  const from = random.below(accounts)
  const to = (from + 1 + random.below(accounts - 1)) % accounts
  const entry = { _id: `${number}.${turn}`, from, to, amount: 1 + random.below(9) }
  const balance = db.collection<{ _id: number }>('accounts')
  const session = mongo.startSession()
  try {
    return await tell(client, { changes: [changeOf('ledger', entry)] }, async () => {
      session.startTransaction()
      await balance.updateOne({ _id: from }, { $inc: { amount: -entry.amount } }, { session })
      await db.collection<Stored>('ledger').insertOne(entry, { session })
      await balance.updateOne({ _id: to }, { $inc: { amount: entry.amount } }, { session })
      await session.commitTransaction()
    })
  } finally {
    await session.endSession()
  }
}

/** Clients that are at the same turn want the same slot. */
const claim: Turn = async (client, turn) => {
  const { number, db, history } = client
  const doc = { _id: `${number}.${turn}`, slot: turn }
  return tell(client, { changes: [changeOf('claims', doc)] }, async () => {
    try {
      await db.collection<Stored>('claims').insertOne(doc)
    } catch (error) {
      if (isAnswer(error) && error.code === 11000) history.takenSlots.add(turn)
      throw error
    }
  })
}

/** What the clients do, by their number. */
const trades: readonly Turn[] = [
  insertRows,
  changeRow,
  transfer,
  claim,
  increment,
  claim,
  transfer,
  changeRow,
  insertRows,
]

export const clientCount = trades.length * 2

/** Writes until the server is gone. */
export async function writeUntilKilled(client: Client): Promise<void> {
  const trade = trades[client.number % trades.length] as Turn
  for (let turn = 1; await trade(client, turn); turn++);
}

/** Without a code it is the driver's: it makes a MongoBulkWriteError of a broken connection, too. */
function isAnswer(error: unknown): error is mongoose.mongo.MongoServerError {
  return error instanceof mongoose.mongo.MongoServerError && typeof error.code === 'number'
}

function newRow({ number, random }: Client, turn: number): Stored {
  const tags = Array.from({ length: random.below(4) }, () => `tag ${random.below(5)}`)
  // Some of them are larger than a page of the file.
  const body = `${number}.${turn} `.repeat(1 + random.below(random.below(10) === 0 ? 2_000 : 20))
  return {
    _id: `${number}.${turn}`,
    owner: number,
    turn,
    value: random.below(100),
    live: random.below(2) === 0,
    tags,
    body,
  }
}

function ownRow({ number, history, random }: Client): Stored | undefined {
  const own = [...history.ofCollection('rows').values()].filter(({ owner }) => owner === number)
  return own[random.below(own.length)]
}

function changeOf(collection: string, after: Stored): Change {
  return { collection, _id: after._id, after }
}
