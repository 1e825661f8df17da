import type { Binary } from 'bson'
import { writeDoc, type Doc } from '../query/bson.ts'

/** One event of the oplog, as much of it as change streams tell. */
export type Change = {
  readonly kind:
    | 'insert'
    | 'update'
    | 'replace'
    | 'delete'
    | 'create'
    | 'drop'
    | 'dropDatabase'
    | 'createIndexes'
    | 'dropIndexes'
  readonly db: string
  readonly collection?: string
  readonly uuid?: Binary
  readonly documentKey?: Doc
  readonly fullDocument?: Doc
  readonly updateDescription?: Doc
  readonly lsid?: Doc
  readonly txnNumber?: unknown
}

/** What a row of the oplog says, read back. */
export type LoggedChange = Change & { readonly wall: Date }

/** What streams tell entries apart by comes first; see `peekChange`. */
export function encodeChange(change: Change): Buffer {
  const { kind, db, collection } = change
  const head = collection === undefined ? { kind, db } : { kind, db, collection }
  return Buffer.from(writeDoc({ ...head, ...change, wall: new Date() }))
}
