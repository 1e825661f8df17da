import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { CodedError } from '../../kit/errors.ts'
import { handInHeader, verifyHandIn } from '../../kit/signature.ts'
import { subgraphNamePattern } from '../../kit/subgraph-name.ts'

/** Why events of a subgraph were not recorded. */
export interface HandInFault {
  readonly code: string
  readonly message: string
  readonly event: number | null
  readonly field: string | null
}

export interface HandInAnswer {
  readonly recorded: number
  readonly repeated: number
  readonly faults: readonly HandInFault[]
}

export interface HandInOptions {
  /** The key that a subgraph signs with. */
  readonly keyOf: (subgraph: string) => Uint8Array
  /** Throws THROTTLED when a subgraph hands in too much. */
  readonly admit: (subgraph: string, events: number) => Promise<void>
  readonly record: (handIn: { readonly subgraph: string; readonly body: string }) => Promise<HandInAnswer>
  readonly now: () => Date
}

const path = '/events'

/**
 * `POST /events`: takes events from published subgraphs, which sign them with their keys. 200 with how many were
 * recorded, and how many had been before; 400 with a coded error for each fault, and nothing was recorded.
 */
export function serveHandIns(app: FastifyInstance, { keyOf, admit, record, now }: HandInOptions): void {
  void app.register(async (own) => {
    // What was signed are the bytes; of another type they would be read as none, and the signature be blamed.
    own.removeAllContentTypeParsers()
    own.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    own.post(path, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const subgraph = String(request.headers[handInHeader] ?? '')
      const { headers } = request
      // Of what is no name the key is nobody's.
      if (subgraph !== '' && !subgraphNamePattern.test(subgraph)) {
        throw new CodedError('UNAUTHENTICATED', `${handInHeader} is no name of a subgraph.`)
      }
      verifyHandIn(keyOf(subgraph), { method: 'POST', path, body, headers, now: now().getTime() })
      // Bytes that are no text would be replaced, and the event told otherwise than it was signed: nothing is no JSON.
      const text = isUtf8(body) ? body.toString('utf8') : ''
      await admit(subgraph, countOf(text))
      const { faults, ...counts } = await record({ subgraph, body: text })
      void reply.header('cache-control', 'no-store')
      if (faults.length === 0) return reply.send(counts)
      return reply.code(400).send({ errors: faults.map(({ message, ...extensions }) => ({ message, extensions })) })
    })
  })
}

/** How many events a body has, before it is looked at closely. */
function countOf(text: string): number {
  try {
    const { events } = JSON.parse(text) as { events?: unknown }
    return Array.isArray(events) ? Math.max(1, Math.min(events.length, 100)) : 1
  } catch {
    return 1
  }
}
