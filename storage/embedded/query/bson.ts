import { BSONError, DBRef, deserialize, serialize } from 'bson'
import { CommandError } from '../errors.ts'

/** A document as the embedded database holds it: bson values that keep their type, fields in order. */
export type Doc = { [field: string]: unknown }

const readOptions = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const

/** bson's serialize writes into one internal buffer of 17 MiB and does not notice its end. */
const internalBufferBytes = 17 * 1024 * 1024

/**
 * Reads one BSON document. Binary values and ObjectIds may share memory with `bytes`, so hand over a copy that
 * is not reused. Throws FailedToParse for bytes that are not one whole document.
 */
export function readDoc(bytes: Uint8Array): Doc {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const doc = deserialize(buffer, readOptions) as unknown
    // bson turns { $ref, $id } into DBRef objects, through which no path could be followed.
    return (buffer.includes('$ref\0') ? withoutDbRefs(doc) : doc) as Doc
  } catch (error) {
    if (error instanceof BSONError || error instanceof TypeError || error instanceof RangeError) {
      throw new CommandError('FailedToParse', `not a valid BSON document: ${error.message}`)
    }
    throw error
  }
}

/** Writes a document, its fields in order. Throws BSONObjectTooLarge over 17 MiB, BadValue for what BSON cannot hold. */
export function writeDoc(doc: Doc): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = serialize(doc, { ignoreUndefined: false })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge()
    if (error instanceof BSONError) throw new CommandError('BadValue', `cannot be written as BSON: ${error.message}`)
    throw error
  }
  if (bytes.length > internalBufferBytes) throw tooLarge()
  return bytes
}

function tooLarge(): CommandError {
  return new CommandError('BSONObjectTooLarge', `a document must be smaller than ${internalBufferBytes} bytes`)
}

function withoutDbRefs(value: unknown): unknown {
  if (value instanceof DBRef) {
    const plain: Doc = { $ref: value.collection, $id: value.oid }
    if (value.db !== undefined) plain.$db = value.db
    return withoutDbRefs(Object.assign(plain, value.fields))
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) value[index] = withoutDbRefs(element)
  } else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [field, inner] of Object.entries(value)) {
      const plain = withoutDbRefs(inner)
      if (plain !== inner) (value as Doc)[field] = plain
    }
  }
  return value
}
