import { createHash } from 'node:crypto'
import { encodeValue } from './encode-value.ts'
import { KeyBytes } from './key-bytes.ts'

/** The length of a key whose tail is hashed; every other key is shorter. */
export const longestKeyBytes = 1900

/** How much of a long key is kept as it is. */
export const keptKeyBytes = longestKeyBytes - 32

/**
 * Bytes that sort as the tuples of values do under the directions, each value in its own. Keys of 1,900 bytes and
 * more keep 1,868 of them and end in a SHA-256 of the rest: equal stays equal, but among keys that share those
 * 1,868 bytes order is lost, so bounds of a range scan come from {@link scanPrefix}.
 */
export function encodeKey(values: readonly unknown[], directions: readonly (1 | -1)[]): Buffer {
  const whole = encodeWhole(values, directions)
  if (whole.length < longestKeyBytes) return whole
  const hash = createHash('sha256').update(whole.subarray(keptKeyBytes)).digest()
  return Buffer.concat([whole.subarray(0, keptKeyBytes), hash])
}

/** The bytes with which every key starts whose first values are these; of a long one, what keys keep of it. */
export function scanPrefix(values: readonly unknown[], directions: readonly (1 | -1)[]): Buffer {
  return encodeWhole(values, directions).subarray(0, keptKeyBytes)
}

function encodeWhole(values: readonly unknown[], directions: readonly (1 | -1)[]): Buffer {
  const key = new KeyBytes()
  for (const [index, value] of values.entries()) {
    const start = key.length
    encodeValue(key, value)
    if (directions[index] === -1) key.complement(start)
  }
  return key.toBuffer()
}

export { indexEntries } from './index-entries.ts'
