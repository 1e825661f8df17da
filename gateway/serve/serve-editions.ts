import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { CodedError, errorStatus } from '../../kit/errors.ts'
import { type Editions, editionIn } from '../editions/editions.ts'
import type { GraphFront } from '../http/graph-front.ts'
import { serveSchema } from '../http/schema-route.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { Identity, LiveIdentity } from '../request.ts'
import { type MultipartStreams, createMultipartStreams } from '../streams/multipart.ts'
import { type EventStreamOptions, serveEventStreams } from '../streams/sse.ts'
import type { StreamRunner } from '../streams/stream-operation.ts'
import type { SocketRun } from '../streams/websocket.ts'

/** What fronts are made of, for the whole graph or one edition of it. */
export interface GraphDoor {
  /** A promise where its schema is made first. */
  readonly snapshot: () => SupergraphSnapshot | Promise<SupergraphSnapshot>
  readonly identify: (request: IncomingMessage) => Promise<Identity>
  readonly watch: (request: IncomingMessage) => Promise<LiveIdentity>
  readonly edition: string | null
}

/** The door to the whole graph, whose schema is always there. */
export interface WholeDoor extends GraphDoor {
  readonly snapshot: () => SupergraphSnapshot
}

interface EditionOptions {
  readonly path: string
  readonly editions: Editions
  readonly whole: WholeDoor
  readonly run: (door: GraphDoor) => StreamRunner
  readonly front: (door: GraphDoor, streams: MultipartStreams) => GraphFront
  readonly describe: (
    door: GraphDoor,
    identity: Identity,
    request: { readonly requestId: string },
  ) => Promise<{ readonly text: string; readonly etag: string }>
  readonly paramsOfSearch: EventStreamOptions['paramsOfSearch']
}

/** The ways to contracts and versions. */
export interface EditionFronts {
  /** Answers a request to an address below the graph's; false when it is of no edition's form. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** What runs operations of a socket to an address; the answer that refuses it when no edition answers there, null for another address. */
  socketTo(url: string): SocketRun | string | null
  close(): Promise<void>
}

/**
 * Serves every declared contract and version as the whole graph is served, each below a path of its own. The whole graph
 * has no part in it: an edition is another snapshot, and whatever is kept is kept by snapshot.
 */
export function serveEditions(app: FastifyInstance, options: EditionOptions): EditionFronts {
  const { path, editions, whole } = options
  const doors = new Map(editions.names.map((name) => [name, doorTo(name, options)]))
  const runs = new Map([...doors].map(([name, door]) => [name, options.run(door)]))
  const closing: { close(): Promise<void> }[] = []
  const fronts = new Map<string, GraphFront>()
  for (const [name, door] of doors) {
    const run = runs.get(name) ?? unknownRun
    const multipart = createMultipartStreams({ watch: door.watch, run })
    fronts.set(name, options.front(door, multipart))
    const { paramsOfSearch } = options
    closing.push(
      multipart,
      serveEventStreams(app, { path: `${path}/${name}/stream`, watch: door.watch, run, paramsOfSearch }),
    )
    serveSchema(app, {
      path: `${path}/${name}/schema.graphql`,
      identify: door.identify,
      describe: (identity, request) => options.describe(door, identity, request),
    })
  }
  const unknown = options.front({ ...whole, identify: unknownIdentity(editions, path) }, noStreams)
  serveUnknown(app, { path, editions })
  tellEdition(app, { path, editions })

  return {
    handle(request, response) {
      const name = editionIn(request.url ?? '', path)
      if (name === null) return false
      setHeaders(response, editions.headersOf(name))
      const front = fronts.get(name) ?? unknown
      front(request, response)
      return true
    },
    socketTo(url) {
      const name = editionIn(url, path)
      if (name === null) return null
      try {
        editions.open(name)
      } catch (error) {
        if (error instanceof CodedError) return refusedUpgrade(error)
        throw error
      }
      return { run: runs.get(name) ?? unknownRun, headers: editions.headersOf(name) }
    },
    async close() {
      await Promise.all(closing.map((each) => each.close()))
    },
  }
}

function doorTo(edition: string, { editions, whole }: EditionOptions): GraphDoor {
  const narrow = async (): Promise<SupergraphSnapshot> => {
    const made = await whole.snapshot().narrow(edition)
    // Another supergraph may have come meanwhile.
    const snapshot = whole.snapshot().narrowedTo(edition) ?? made
    if (snapshot) return snapshot
    throw new CodedError('CONTRACT_UNAVAILABLE', `${edition} has no schema now; the operator has been told.`)
  }
  return {
    edition,
    snapshot() {
      editions.open(edition)
      return whole.snapshot().narrowedTo(edition) ?? narrow()
    },
    // Before anybody is looked up: that a version is over concerns all alike.
    async identify(request) {
      editions.open(edition)
      return whole.identify(request)
    },
    async watch(request) {
      editions.open(edition)
      return whole.watch(request)
    },
  }
}

const unknownRun: StreamRunner = () => Promise.reject(new Error('an edition was asked for that is not declared'))

const noStreams: MultipartStreams = {
  accepts: () => false,
  open: () => Promise.reject(new Error('an edition that is not declared has no streams')),
}

function unknownIdentity(editions: Editions, path: string): GraphDoor['identify'] {
  return ({ url }) => {
    editions.open(editionIn(url ?? '', path) ?? '')
    return Promise.reject(new Error('an edition that is not declared was opened'))
  }
}

/** Streams and schemas of what is not declared are refused as its operations are. */
function serveUnknown(app: FastifyInstance, { path, editions }: Pick<EditionOptions, 'path' | 'editions'>): void {
  for (const rest of ['stream', 'schema.graphql']) {
    app.all(`${path}/:edition/${rest}`, (request) => {
      const { edition } = request.params as { readonly edition: string }
      const name = editionIn(`${path}/${edition}`, path)
      if (name !== null && !editions.names.includes(name)) editions.open(name)
      throw new CodedError('NOT_FOUND', `There is nothing here. The graph is at POST ${path}.`)
    })
  }
}

/** For routes of the router, whose streams are written past it: on the raw response. */
function tellEdition(app: FastifyInstance, { path, editions }: Pick<EditionOptions, 'path' | 'editions'>): void {
  app.addHook('onRequest', async ({ url }, reply) => {
    const at = url.startsWith(`${path}/`) ? url.indexOf('/', path.length + 1) : -1
    if (at < 0) return
    const name = editionIn(url.slice(0, at), path)
    if (name !== null) setHeaders(reply.raw, editions.headersOf(name))
  })
}

/** Whatever writes the head of the answer adds its own to them. */
function setHeaders(response: ServerResponse, headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
}

/** The answer to a socket that no edition takes, as HTTP has it. */
function refusedUpgrade({ code, message, extensions }: CodedError): string {
  const body = JSON.stringify({ errors: [{ message, extensions }] })
  const head = [
    `HTTP/1.1 ${errorStatus[code]} Refused`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
