import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** Bytes of one chunk: under the graph's limit of a chunk, and of a request when half of it must be escaped. */
const chunkBytes = 112 * 1024

/** A file's name for the graph: the same content is the same import, whatever the file is called. */
export async function contentId(path: string): Promise<string> {
  const hash = createHash('sha256').update(`chunks of ${chunkBytes}\n`)
  for await (const part of createReadStream(path)) hash.update(part as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** The beginning of a file up to its first line break; the file must exist and be a file. */
export async function firstLine(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  try {
    if (!(await file.stat()).isFile()) throw new UsageError(`${path} is no file.`)
    const text = new TextDecoder().decode(await readAt(file, 0))
    return text.split(/\r?\n/, 1)[0] ?? ''
  } finally {
    await file.close()
  }
}

/** The text of a file in chunks, cut at the same places on every call so that an import can be taken up again. */
export async function* fileChunks(path: string): AsyncGenerator<{ text: string; bytesRead: number }, void, undefined> {
  const file = await open(path)
  try {
    let position = 0
    for (;;) {
      const bytes = await readAt(file, position)
      if (bytes.length === 0) return
      const whole = bytes.subarray(0, bytes.length < chunkBytes ? bytes.length : wholeCharacters(bytes))
      position += whole.length
      yield { text: decode(whole, position), bytesRead: position }
    }
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let length = 0
  while (length < chunkBytes) {
    const { bytesRead } = await file.read(buffer, length, chunkBytes - length, position + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

/** Where the last character that is whole ends: at most three bytes of UTF-8 may belong to a cut one. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 4; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) return bytes.length - back
  }
  return bytes.length
}

function decode(bytes: Buffer, end: number): string {
  try {
    // A byte order mark is kept: only the reader of the whole text knows where it begins.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageError(`The file is not UTF-8: a byte before ${end} belongs to no character. Save it as UTF-8.`)
  }
}
