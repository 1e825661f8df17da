import { once } from 'node:events'
import { request } from 'node:http'
import { Duplex } from 'node:stream'
import { BodyMemory } from '../../../gateway/transport/http1/body-memory.ts'
import { ResponseReader } from '../../../gateway/transport/http1/response-reader.ts'

/** What a reader made of bytes: an answer, a refusal, or a wait for more. */
export type Reading = { readonly status: number; readonly text: string } | 'refused' | 'waits'

/** Gives pieces to a reader of ours as a connection does, in memory that is used again, and then the end of all. */
export function readByOurs(pieces: readonly Uint8Array[]): Reading {
  const reader = new ResponseReader(new BodyMemory())
  const memory = Buffer.alloc(64 * 1024)
  reader.begin()
  let isWhole = false
  try {
    for (const piece of pieces) {
      memory.set(piece)
      isWhole = reader.read(memory, piece.length)
      memory.fill('!')
    }
  } catch {
    return 'refused'
  }
  if (!isWhole) isWhole = reader.close()
  return isWhole ? { status: reader.status, text: reader.text } : 'waits'
}

/** Gives the same bytes to the client of Node, strict as it is by itself. */
export async function readByNode(bytes: Uint8Array): Promise<Reading> {
  const wire = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const asked = request({ method: 'POST', insecureHTTPParser: false, createConnection: () => wire })
  const failed = new Promise<'refused'>((resolve) => asked.on('error', () => resolve('refused')))
  const read = async (): Promise<Reading> => {
    const [response] = await once(asked, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') }
  }
  const upgraded = once(asked, 'upgrade').then(() => 'refused' as const)
  const answered = read().catch(() => 'refused' as const)
  asked.end('{}')
  wire.push(bytes)
  wire.push(null)
  const reading = await Promise.race([failed, answered, upgraded])
  asked.destroy()
  return reading
}
