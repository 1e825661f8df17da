import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { buildSchema, execute, graphql, GraphQLError, type GraphQLSchema, parse, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { createCostBucket, type CostBucket } from './cost-bucket.ts'
import { demoCaller, demoSession, mockData, mockSchema } from './mock-partner-data.ts'

/** The strictest policy that the page works under; what the server sends may be this or more lenient. */
const contentSecurityPolicy = (styles: string) =>
  `default-src 'self'; script-src 'self'; style-src ${styles}; worker-src 'self'; ` +
  "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; form-action 'none'; " +
  "frame-ancestors 'none'; base-uri 'none'"

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
}

export interface MockGraphOptions {
  /** The built page. */
  folder: string
  /** False as on a public host: the session then offers no demo caller. */
  demo?: boolean
  /** What answers instead of the partner's data. */
  graph?: { schema: GraphQLSchema; root: object }
  /** Points in the caller's bucket at the start. */
  available?: number
}

export interface MockGraph extends AsyncDisposable {
  url: string
  bucket: CostBucket
  /** The credentials that the graph takes. */
  caller: { appId: string; key: string }
  /** Resolves once a client has subscribed to `inventoryChanged`. */
  subscribed: Promise<unknown>
  /** Resolves once a client has ended its subscription. */
  unsubscribed: Promise<unknown>
  publish: (event: { sku: string; location: string; available: number }) => void
  /** Answers nothing any more, as a server that has died. */
  stop: () => Promise<void>
}

/** Serves the built page as the server will: the session, the graph over HTTP and WebSocket, the page under its CSP. */
export async function startMockGraph({
  folder,
  demo = true,
  graph,
  available = 10_000,
}: MockGraphOptions): Promise<MockGraph> {
  const schema = graph?.schema ?? buildSchema(mockSchema)
  const bucket = createCostBucket(10_000, available)
  const data = mockData()
  const session = demoSession(demo)

  async function answerGraph(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables?: Record<string, unknown> }
    if (!isKnown(request.headers['x-tributary-app'], request.headers['x-tributary-key'])) {
      const error = new GraphQLError('The app id or the key is not known.', { extensions: { code: 'UNAUTHENTICATED' } })
      return sendJson(response, 401, { errors: [error] })
    }
    const charge = bucket.charge(body.query)
    if (charge.refusal) return sendJson(response, 200, charge.refusal)
    const result = await graphql({
      schema,
      source: body.query,
      variableValues: body.variables ?? {},
      rootValue: graph?.root ?? data.root,
    })
    return sendJson(response, 200, { ...result, extensions: { cost: charge.settle() } })
  }

  async function answerFile(path: string, response: ServerResponse): Promise<void> {
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path))
    try {
      const content = await readFile(file)
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': contentSecurityPolicy(
          path.startsWith('/registry') ? "'self'" : "'self' 'unsafe-inline'",
        ),
      })
      response.end(content)
    } catch {
      response.writeHead(404).end()
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    if (pathname === '/portal/session') return sendJson(response, 200, session)
    if (pathname === '/graphql') return answerGraph(request, response)
    return answerFile(pathname, response)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const sockets = new WebSocketServer({ server, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' })
  useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => isKnown(connectionParams?.['appId'], connectionParams?.['key']),
      onSubscribe: (_context, _id, payload) => ({
        schema,
        document: parse(payload.query),
        variableValues: payload.variables,
        rootValue: data.root,
      }),
      execute,
      subscribe,
      onNext(_context, _id, _payload, _args, result) {
        return { data: result.data ?? null, extensions: { cost: bucket.chargeEvent() } }
      },
    },
    sockets,
  )

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function stop(): Promise<void> {
    if (!server.listening) return
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  return {
    url: `http://127.0.0.1:${port}/`,
    bucket,
    caller: demoCaller,
    subscribed: data.subscribed,
    unsubscribed: data.unsubscribed,
    publish: data.publish,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function isKnown(appId: unknown, key: unknown): boolean {
  return appId === demoCaller.appId && key === demoCaller.key
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
