import { createServer } from 'node:http'
import { createService } from './service.js'

const bodyLimitBytes = 4 * 1024 * 1024
/** Quiet streams say that they live: the gateway takes one that is silent for 40 seconds for dead. */
const heartbeatMs = 12_000

/**
 * Serves the subgraph: `POST /graphql` for whoever `check` knows, `GET /health` for all. Port 0 picks a free one.
 * @param {{ port: number, host: string, check: ReturnType<typeof import('./gateway-signature.js').createSignatureCheck>,
 *   outbox: import('./outbox.js').Outbox }} options
 */
export async function startServer({ port, host, check, outbox }) {
  const service = createService(outbox)
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/health') return answer(response, 200, { status: 'ok' })
    if (request.method !== 'POST' || request.url !== '/graphql') return answer(response, 404, refusal('NOT_FOUND'))
    handle(request, response).catch((error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      if (response.headersSent) response.destroy()
      else answer(response, 500, refusal('INTERNAL'))
    })
  })

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  const handle = async (request, response) => {
    const body = await readBody(request)
    if (body === null) return answer(response, 413, refusal('BAD_REQUEST'))
    const { headers } = request
    const caller = check({ method: 'POST', path: '/graphql', body, headers, now: Date.now() })
    if (caller === null) return answer(response, 401, refusal('UNAUTHENTICATED'))
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const result = await service.run(JSON.parse(body.toString('utf8')), { caller, signal: gone.signal })
    if (!(Symbol.asyncIterator in result)) return answer(response, 200, result)
    await stream(response, result)
  }

  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => resolve(undefined))
  })
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host}:${taken}/graphql`,
    service,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @param {string} code */
function refusal(code) {
  return { errors: [{ message: 'This cannot be answered.', extensions: { code } }] }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Results as an event stream, after the GraphQL over SSE protocol's distinct connections.
 * @param {import('node:http').ServerResponse} response
 * @param {AsyncIterable<object>} results
 */
async function stream(response, results) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  // Told at once, so that the gateway knows that what happens from now on will be delivered.
  response.write(':\n\n')
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  try {
    for await (const result of results) response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`)
    response.end('event: complete\ndata:\n\n')
  } catch (error) {
    // Who has left ends the feed; anything else ends the stream without `complete`, so that nobody takes it for whole.
    if (!response.destroyed) throw error
  } finally {
    clearInterval(heartbeat)
  }
}

/**
 * The body; null when it is too large.
 * @param {import('node:http').IncomingMessage} request
 */
async function readBody(request) {
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > bodyLimitBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
