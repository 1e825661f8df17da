import type { Change } from './change.ts'

/** What a change stream needs to know of an entry to tell that it is none of its own. */
export type ChangeHead = Pick<Change, 'kind' | 'db' | 'collection'>

const stringType = 2
/** Bytes of a value by BSON type, where every value of the type has as many. */
const fixedSizes: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [7, 12],
  [8, 1],
  [9, 8],
  [10, 0],
  [16, 4],
  [17, 8],
  [18, 8],
  [19, 16],
])

/**
 * Reads kind, database and collection of an entry of the oplog without decoding the documents in it: a stream looks
 * at every change of the server and hands out few. Undefined when the entry is laid out otherwise than ours are.
 */
export function peekChange(bytes: Buffer): ChangeHead | undefined {
  const head: { kind?: string; db?: string; collection?: string } = {}
  let place = 4
  while (place < bytes.length) {
    const type = bytes[place]
    if (type === 0 || type === undefined) break
    const nameEnd = bytes.indexOf(0, place + 1)
    if (nameEnd === -1) return undefined
    const name = bytes.toString('latin1', place + 1, nameEnd)
    const value = nameEnd + 1
    const size = sizeOf(type, bytes, value)
    if (size === undefined) return undefined
    if (type === stringType && (name === 'kind' || name === 'db' || name === 'collection')) {
      head[name] = bytes.toString('utf8', value + 4, value + size - 1)
    }
    place = value + size
    if (head.kind !== undefined && head.db !== undefined && head.collection !== undefined) break
  }
  return head.kind === undefined || head.db === undefined ? undefined : (head as ChangeHead)
}

function sizeOf(type: number, bytes: Buffer, value: number): number | undefined {
  const fixed = fixedSizes.get(type)
  if (fixed !== undefined) return fixed
  if (value + 4 > bytes.length) return undefined
  const length = bytes.readInt32LE(value)
  if (type === stringType) return 4 + length
  if (type === 3 || type === 4) return length
  return type === 5 ? 5 + length : undefined
}
