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

export function encodeChange(change: Change): Buffer {
  return Buffer.from(writeDoc({ ...change, wall: new Date() }))
}
