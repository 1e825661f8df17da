import type { IncomingMessage } from 'node:http'
import { HttpRefusal } from './http-refusal.ts'

/** A larger body is refused with 413 before it is read to its end. */
export const bodyLimitBytes = 256 * 1024

/** What is told of a body that is too large; the connection is closed, for the rest of it is not read. */
export function tooLarge(): HttpRefusal {
  return new HttpRefusal(413, `The body is larger than ${bodyLimitBytes / 1024} KiB.`, {
    headers: { connection: 'close' },
  })
}

/** Whether a request announces more than a body may have. */
export function announcesTooMuch(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > bodyLimitBytes
}

/** Reads a request's body. Refuses one that is larger than the limit, and one that ends early. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (announcesTooMuch(request)) {
      reject(tooLarge())
      return
    }
    let first: Buffer | undefined
    let chunks: Buffer[] | undefined
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bodyLimitBytes) {
        request.pause()
        reject(tooLarge())
        return
      }
      // Nearly all bodies come in one piece.
      if (first === undefined) first = chunk
      else (chunks ??= [first]).push(chunk)
    })
    request.on('end', () => resolve(chunks ? Buffer.concat(chunks, length) : (first ?? Buffer.alloc(0))))
    // Also when the client leaves in the middle.
    request.on('error', reject)
  })
}
