import { toTimestamp } from '../engine/clock.ts'
import type { Doc } from '../query/bson.ts'
import type { LoggedChange } from './change.ts'
import type { ChangeHead } from './peek-change.ts'
import { encodeToken, type LogPosition } from './log-position.ts'

/** What a change stream watches: a collection, a database, or everything. */
export type Watched = { readonly db?: string; readonly collection?: string }

const toldKinds = new Set(['insert', 'update', 'replace', 'delete', 'drop', 'dropDatabase'])

/** Whether a logged change is an event of the stream. */
export function isWatched(change: ChangeHead, { db, collection }: Watched): boolean {
  if (!toldKinds.has(change.kind)) return false
  if (db !== undefined && change.db !== db) return false
  return collection === undefined || change.collection === collection
}

/** Whether the stream ends with this change, because what it watches is gone. */
export function endsStream({ kind }: LoggedChange, { db, collection }: Watched): boolean {
  return collection !== undefined ? kind === 'drop' : db !== undefined && kind === 'dropDatabase'
}

/** The event as clients get it: https://www.mongodb.com/docs/manual/reference/change-events/ */
export function describeEvent(change: LoggedChange, position: LogPosition): Doc {
  const { kind, wall, fullDocument, db, collection, documentKey, updateDescription, lsid, txnNumber } = change
  return {
    _id: encodeToken(position),
    operationType: kind,
    clusterTime: toTimestamp(position.time),
    wallTime: wall,
    ...(lsid === undefined ? {} : { lsid, txnNumber }),
    ...(fullDocument === undefined ? {} : { fullDocument }),
    ns: collection === undefined ? { db } : { db, coll: collection },
    ...(documentKey === undefined ? {} : { documentKey }),
    ...(updateDescription === undefined ? {} : { updateDescription }),
  }
}

export function describeInvalidation({ wall }: LoggedChange, position: LogPosition): Doc {
  return {
    _id: encodeToken(position),
    operationType: 'invalidate',
    clusterTime: toTimestamp(position.time),
    wallTime: wall,
  }
}
