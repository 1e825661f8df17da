import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { type Http1ClientOptions, createHttp1Client } from '../../../gateway/transport/http1/http1-client.ts'
import { subgraphAddress } from '../../../gateway/transport/subgraph-address.ts'

/** One request that came whole. */
export interface Asked {
  readonly socket: Socket
  readonly head: string
  readonly body: Buffer
  /** Which connection it came on, counted from 1. */
  readonly connection: number
}

/** A server of bytes: what is sent back, and when, is the test's. It closes with the client that it is for. */
export async function serveRaw(
  answer: (asked: Asked) => void,
  options: Partial<Omit<Http1ClientOptions, 'address'>> & { readonly onConnection?: (socket: Socket) => void } = {},
) {
  const { onConnection, ...clientOptions } = options
  const sockets = new Set<Socket>()
  const closed: Promise<unknown>[] = []
  let most = 0
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = closed.push(new Promise((resolve) => socket.on('close', resolve)))
    sockets.add(socket)
    most = Math.max(most, sockets.size)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    onConnection?.(socket)
    let held = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      for (;;) {
        const headEnd = held.indexOf('\r\n\r\n') + 4
        if (headEnd < 4) return
        const head = held.toString('latin1', 0, headEnd)
        const end = headEnd + Number(/content-length: (\d+)/.exec(head)?.[1])
        if (held.length < end) return
        const body = held.subarray(headEnd, end)
        held = held.subarray(end)
        answer({ socket, head, body, connection })
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const address = subgraphAddress(`http://127.0.0.1:${port}/graphql?a=b`)
  const client = createHttp1Client({ address, headers: {}, connections: 64, ...clientOptions })
  return {
    client,
    /** Connections that were made so far, each settled when it is closed. */
    connections: closed,
    /** The most that were open at once. */
    most: () => most,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      client.close()
      await Promise.all(closed)
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer in the most usual frame. */
export function framed(body: string | Buffer, fields = ''): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${bytes.length}\r\n\r\n`), bytes])
}

/** A signal that nobody ends. */
export const never = (): AbortSignal => new AbortController().signal

/** What a call came to: its text, or the message of its error. */
export const outcome = (call: Promise<{ readonly text: string }>): Promise<string> =>
  call.then(
    ({ text }) => text,
    (error: Error) => `rejected: ${error.message}`,
  )
