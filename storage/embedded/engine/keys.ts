/** The tables that exist in every data folder; collections and indexes get numbers from `firstUser` on. */
export const tables = { meta: 0, catalog: 1, oplog: 2, sessions: 3, firstUser: 16 } as const

/** A key is the number of its table and then what orders it there. */
export function tableKey(table: number, ...parts: readonly Uint8Array[]): Buffer {
  const key = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.length, 4))
  key.writeUInt32BE(table, 0)
  let offset = 4
  for (const part of parts) {
    key.set(part, offset)
    offset += part.length
  }
  return key
}

export type KeyRange = {
  /** Inclusive. */
  readonly from: Buffer
  /** Exclusive. */
  readonly to: Buffer
}

export function tableRange(table: number): KeyRange {
  return { from: tableKey(table), to: tableKey(table + 1) }
}

/** All keys that start with these bytes. */
export function prefixRange(prefix: Buffer): KeyRange {
  return { from: prefix, to: afterPrefix(prefix) }
}

/** The first key after all keys that start with the prefix. */
export function afterPrefix(prefix: Buffer): Buffer {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  const next = Buffer.from(prefix.subarray(0, end))
  // A key begins with its table's number, which never is all ones.
  next[end - 1] = (next[end - 1] as number) + 1
  return next
}

/** The key right after this one. */
export function keyAfter(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)])
}

/** Record ids count up, so that the natural order of a collection is the order of insertion. */
export function encodeRecordId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeUInt32BE(Math.floor(id / 2 ** 32), 0)
  bytes.writeUInt32BE(id % 2 ** 32, 4)
  return bytes
}

export function decodeRecordId(bytes: Buffer): number {
  return bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4)
}

export function recordKey(table: number, id: number): Buffer {
  return tableKey(table, encodeRecordId(id))
}
