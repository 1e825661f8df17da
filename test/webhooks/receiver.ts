import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** What came, in the order in which it came, whatever was answered. */
  readonly received: Received[]
  /** Says what to answer; nothing, for ever, where it answers `silence`. */
  answer: (message: Received) => number | 'silence' | readonly [number, Readonly<Record<string, string>>]
}

/** A partner's server: a real one, on a port of its own. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => void take(request, response))
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
    const message = {
      path: request.url ?? '',
      id: headers['webhook-id'] ?? '',
      headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    received.push(message)
    const answered = receiver.answer(message)
    if (answered === 'silence') return
    const [status, more] = typeof answered === 'number' ? [answered, {}] : answered
    response.writeHead(status, more).end('taken')
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: () => 204,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
  return receiver
}
