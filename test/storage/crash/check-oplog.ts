import type mongoose from 'mongoose'
import { isDeepStrictEqual } from 'node:util'
import type { Stored } from './history.ts'

type Db = mongoose.mongo.Db
type Event = mongoose.mongo.ChangeStreamDocument<Stored>

const marker = 'end of the log'

/** Replays the change stream of the round from its begin: it must tell exactly what is stored. */
export async function checkOplog(db: Db, since: mongoose.mongo.Timestamp): Promise<string[]> {
  const replayed = new Map<string, Map<string, Stored>>()
  const stream = db.watch<Stored, Event>([], { startAtOperationTime: since, maxAwaitTimeMS: 50 })
  await db.collection<Stored>('marker').insertOne({ _id: marker, at: since })
  for await (const event of stream) {
    if (!('documentKey' in event)) continue
    if (event.ns.coll === 'marker' && event.operationType === 'insert') break
    replay(replayed, event)
  }
  await stream.close()
  await db.collection<Stored>('marker').deleteMany({})
  const faults: string[] = []
  for (const collection of ['rows', 'ledger', 'claims', 'accounts', 'counters']) {
    const stored = new Map((await db.collection<Stored>(collection).find().toArray()).map((doc) => [doc._id, doc]))
    const told = replayed.get(collection) ?? new Map<string, Stored>()
    const wrong = [...new Set([...stored.keys(), ...told.keys()])].filter(
      (id) => !isDeepStrictEqual(stored.get(id), told.get(id)),
    )
    faults.push(...wrong.map((id) => `${collection}: the change stream tells another ${id} than is stored`))
  }
  return faults
}

function replay(state: Map<string, Map<string, Stored>>, event: Event): void {
  if (!('documentKey' in event)) return
  const docs = state.get(event.ns.coll) ?? new Map<string, Stored>()
  state.set(event.ns.coll, docs)
  const { _id } = event.documentKey
  if (event.operationType === 'delete') docs.delete(_id)
  else if (event.operationType === 'update') docs.set(_id, changed(docs.get(_id) as Stored, event.updateDescription))
  else docs.set(_id, event.fullDocument)
}

/** Fields are told by their paths, elements of arrays too. */
function changed(
  doc: Stored,
  { updatedFields = {}, truncatedArrays = [] }: mongoose.mongo.UpdateDescription<Stored>,
): Stored {
  const after = structuredClone(doc) as Record<string, unknown>
  for (const { field, newSize } of truncatedArrays) (after[field] as unknown[]).length = newSize
  for (const [path, value] of Object.entries(updatedFields)) {
    const [field = '', place] = path.split('.')
    if (place === undefined) after[field] = value
    else (after[field] as unknown[])[Number(place)] = value
  }
  return after as Stored
}
