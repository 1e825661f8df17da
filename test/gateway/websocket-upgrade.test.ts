import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveWebSocket } from '../../gateway/streams/websocket.ts'
import { CodedError } from '../../kit/errors.ts'
import { createLogger } from '../../kit/log.ts'

let server: Server
let webSocket: { close(): Promise<void> }

beforeAll(async () => {
  server = createServer((_request, response) => response.end('alive'))
  webSocket = serveWebSocket(server, {
    path: '/graphql',
    doorOf: () => ({
      identify: () => Promise.reject(new CodedError('UNAUTHENTICATED', 'nobody')),
      watch: () => Promise.reject(new CodedError('UNAUTHENTICATED', 'nobody')),
    }),
    run: () => Promise.reject(new Error('no operation may come this far')),
    log: createLogger('test', 'silent'),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  await webSocket.close()
  server.close()
})

const upgradeTo = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'host: localhost',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n')

async function isAlive(): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return (await response.text()) === 'alive'
}

it('outlives peers that ask for an upgrade elsewhere and reset the connection', async () => {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(upgradeTo('/nowhere'))
    socket.resetAndDestroy()
  }
  expect(await isAlive()).toBe(true)
})

it.each(['//', '/graphql/../x', 'http://[bad', '/%zz', '*'])('answers 404 to an upgrade to %s', async (path) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(upgradeTo(path))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 40[04]/)
  socket.destroy()
  expect(await isAlive()).toBe(true)
})

it('lets go of a peer that is refused and keeps its own half of the connection open', async () => {
  const held = once(server, 'connection') as Promise<[Socket]>
  const peer = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  peer.on('error', () => undefined)
  peer.resume().write(upgradeTo('/nowhere'))
  const [socket] = await held
  if (!socket.destroyed) await once(socket, 'close')
  peer.destroy()
  expect(await isAlive()).toBe(true)
})
