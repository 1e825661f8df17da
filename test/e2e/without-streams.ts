import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a gateway and a subgraph: it lets requests pass, and no streams of identity changes. */
export async function withoutStreams(target: string): Promise<AsyncDisposable & { readonly url: string }> {
  const proxy = createServer((incoming, response) => {
    if (incoming.headers.accept === 'text/event-stream') {
      incoming.socket.destroy()
      return
    }
    const { method, headers } = incoming
    const outgoing = httpRequest(target, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/graphql`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
