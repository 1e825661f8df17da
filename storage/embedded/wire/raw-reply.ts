import { writeDoc, type Doc } from '../query/bson.ts'

/** A page of a cursor: documents stay the bytes they are stored as. */
export type CursorPage = {
  readonly field: 'firstBatch' | 'nextBatch'
  readonly docs: readonly Uint8Array[]
  /** The other fields of `cursor`: id, ns, postBatchResumeToken. */
  readonly cursor: Doc
}

/** Writes `{ cursor: { <field>: [docs], ...cursor }, ...rest }` without reading the documents. */
export function writeCursorReply(page: CursorPage, rest: Doc): Uint8Array {
  const elements = page.docs.map((doc, index) => [Buffer.from(`\u0003${index}\0`, 'latin1'), doc]).flat()
  const array = wrap(elements)
  const cursor = wrap([Buffer.from(`\u0004${page.field}\0`, 'latin1'), array, bodyOf(page.cursor)])
  return wrap([Buffer.from('\u0003cursor\0', 'latin1'), cursor, bodyOf(rest)])
}

function bodyOf(doc: Doc): Uint8Array {
  return writeDoc(doc).subarray(4, -1)
}

function wrap(parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 5)
  const bytes = Buffer.allocUnsafe(size)
  bytes.writeInt32LE(size, 0)
  let offset = 4
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  bytes[offset] = 0
  return bytes
}
