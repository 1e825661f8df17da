import { once } from 'node:events'
import { type ServerHttp2Stream, constants, createServer as createHttp2Server } from 'node:http2'
import { request as httpRequest } from 'node:http'
import { type Socket, connect, createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Another way to a subgraph's HTTP server, whose URL `serveSubgraph` told. */
export interface SubgraphFront {
  readonly url: string
  /** Connections that gateways have opened. */
  readonly connections: () => number
  close(): Promise<void>
}

/** A unix socket whose bytes go to the server's port and back. */
export async function unixFront(serverUrl: string): Promise<SubgraphFront> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-socket-'))
  const path = join(folder, 'subgraph.sock')
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((near) => {
    connections += 1
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    url: `unix://${path}`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
      await rm(folder, { recursive: true })
    },
  }
}

/** An HTTP/2 server without TLS that passes each stream on to the server as a request of HTTP/1.1. */
export async function http2Front(serverUrl: string): Promise<SubgraphFront> {
  const target = new URL(serverUrl)
  let connections = 0
  const server = createHttp2Server()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => {
    connections += 1
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')))
    const onward = httpRequest(
      new URL(String(headers[':path']), target),
      { method: String(headers[':method']), headers: plain },
      (answer) => {
        const {
          connection: _connection,
          'transfer-encoding': _encoding,
          'keep-alive': _alive,
          ...kept
        } = answer.headers
        stream.respond({ ':status': answer.statusCode ?? 0, ...kept })
        answer.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
        answer.pipe(stream)
      },
    )
    onward.on('error', () => stream.close())
    stream.on('error', () => onward.destroy())
    stream.on('close', () => onward.destroy())
    stream.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    url: `h2c://127.0.0.1:${address.port}${target.pathname}`,
    connections: () => connections,
    async close() {
      for (const session of sessions) session.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
