import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { createCrossOrigin } from '../../gateway/http/cross-origin.ts'
import { createGraphFront } from '../../gateway/http/graph-front.ts'
import { paramsOfSearch } from '../../gateway/http/graph-params.ts'
import { createHttpServer } from '../../gateway/http/http-server.ts'
import { createDocumentStore } from '../../gateway/operation/document-store.ts'
import { createPersistedDocuments, createSentDocuments } from '../../gateway/operation/persisted-documents.ts'
import type { LiveIdentity } from '../../gateway/request.ts'
import { createMultipartStreams } from '../../gateway/streams/multipart.ts'
import { serveEventStreams } from '../../gateway/streams/sse.ts'
import type { StreamAnswer, StreamRunner } from '../../gateway/streams/stream-operation.ts'
import type { OpenStream, StreamEvent, StreamReader, StreamSink } from '../../gateway/streams/stream-reader.ts'
import { serveWebSocket } from '../../gateway/streams/websocket.ts'
import { CodedError } from '../../kit/errors.ts'
import { createLogger } from '../../kit/log.ts'
import { lasting } from './lasting.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

export const schema = buildSchema('type Query { answer: Int } type Subscription { ticked: Int, said: String }')

/** All fronts of streams on one port, before operations that a test plays. */
export interface StreamFronts extends AsyncDisposable {
  readonly url: string
  /** What the next operations come to. */
  run: StreamRunner
  /** What becomes of who asks. */
  live: () => LiveIdentity
  closeFronts(): Promise<void>
}

export async function startStreamFronts({ beatMs = 60_000 }: { beatMs?: number } = {}): Promise<StreamFronts> {
  const log = createLogger('test', 'silent')
  const caller = testCaller()
  const fronts = {
    run: (() => Promise.reject(new Error('nothing is played'))) as StreamRunner,
    live: () => lasting({ caller, limits: generousLimits }),
  }
  const recognise = (key: unknown): LiveIdentity => {
    if (key === 'outage') throw new Error('a secret of the database')
    if (key !== 'key') throw new CodedError('UNAUTHENTICATED', 'The app id or key is not valid.')
    return fronts.live()
  }
  const run: StreamRunner = (...args) => fronts.run(...args)
  const watch = async (request: { headers: Readonly<Record<string, unknown>> }) =>
    recognise(request.headers['x-tributary-key'])
  const multipart = createMultipartStreams({ watch, run, beatMs })
  const handle = createGraphFront({
    snapshot: () => ({ apiSchema: schema }),
    identify: async (request) => recognise(request.headers['x-tributary-key']).current,
    admit: () => Promise.resolve(),
    execute: () => Promise.reject(new Error('no stream')),
    executeInParts: () => Promise.reject(new Error('no stream')),
    streams: multipart,
    persisted: createPersistedDocuments({ sent: createSentDocuments(), trusted: () => Promise.resolve(null) }),
    documents: createDocumentStore(),
    crossOrigin: createCrossOrigin([]),
    compression: false,
    turns: { run: (work) => work() },
    log,
  })
  const app = createHttpServer({ log, direct: { path: '/graphql', handle } })
  const events = serveEventStreams(app, { path: '/graphql/stream', watch, run, paramsOfSearch, beatMs })
  const sockets = serveWebSocket(app.server, {
    path: '/graphql',
    doorOf: () => ({
      identify: async (payload) => recognise(payload?.['key']).current,
      watch: async (payload) => recognise(payload?.['key']),
    }),
    run,
    log,
    beatMs,
  })
  app.server.listen(0, '127.0.0.1')
  await app.ready()
  if (!app.server.listening) await once(app.server, 'listening')
  const closeFronts = async (): Promise<void> => {
    await Promise.all([sockets.close(), events.close(), multipart.close()])
  }
  return Object.assign(fronts, {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    closeFronts,
    async [Symbol.asyncDispose]() {
      await closeFronts()
      await app.close()
    },
  })
}

/** A stream that a test plays: events are sent while the front takes them. */
export class PlayedStream implements OpenStream {
  readonly #waiting: StreamEvent[] = []
  #sink: StreamSink | undefined
  #full = false
  /** How often the front has let go of it, and how often it has said that it takes more. */
  closed = 0
  drained = 0
  sent = 0

  /** Events that the front has not taken. */
  get waiting(): number {
    return this.#waiting.length
  }
  get isRead(): boolean {
    return this.#sink !== undefined
  }

  push(...events: StreamEvent[]): void {
    this.#waiting.push(...events)
    this.#send()
  }

  end(reason: CodedError | null): void {
    this.#sink?.end(reason)
  }

  read(sink: StreamSink): StreamReader {
    this.#sink = sink
    this.#send()
    return {
      drained: () => {
        this.drained += 1
        this.#full = false
        this.#send()
      },
      close: () => {
        this.closed += 1
        this.#full = true
      },
    }
  }

  close(): void {
    this.closed += 1
  }

  #send(): void {
    while (this.#sink && !this.#full) {
      const event = this.#waiting.shift()
      if (event === undefined) return
      this.sent += 1
      this.#full = !this.#sink.send(event)
    }
  }
}

export function tick(ticked: number): StreamEvent {
  return { body: JSON.stringify({ data: { ticked } }), cursor: `evc_${ticked}` }
}

export function answerOf(data: object): StreamAnswer {
  const dataText = JSON.stringify(data)
  return { dataText, errors: [], body: `{"data":${dataText}}` }
}
