import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { sendEventStream } from '../../kit/send-event-stream.ts'

const log = createLogger('test', 'silent')

/** A request whose response is handed over, and the socket that made it. */
async function openRequest() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return { response, socket, [Symbol.dispose]: () => void server.close() }
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

it('holds nothing of a reader who left before the stream was opened', async () => {
  using request = await openRequest()
  const before = timers()
  request.socket.destroy()
  await once(request.response, 'close')
  let ended = false
  const { iterator } = createQueue<object>({ limit: 1, onEnd: () => (ended = true) })
  await sendEventStream(request.response, iterator, { log })
  expect(ended).toBe(true)
  expect(timers()).toBeLessThanOrEqual(before)
})

it('returns from the feed when the reader leaves, and stops its heartbeat', async () => {
  using request = await openRequest()
  const before = timers()
  let ended = false
  const { iterator, push } = createQueue<object>({ limit: 10, onEnd: () => (ended = true) })
  const sent = sendEventStream(request.response, iterator, { log })
  push({ data: 1 })
  await once(request.socket, 'data')
  request.socket.destroy()
  await sent
  expect(ended).toBe(true)
  expect(timers()).toBeLessThanOrEqual(before)
})

it('ends a stream whose feed fails without saying that it is complete', async () => {
  using request = await openRequest()
  const { iterator, push, fail } = createQueue<object>({ limit: 10, onEnd: () => undefined })
  let text = ''
  request.socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const sent = sendEventStream(request.response, iterator, { log })
  push({ data: 1 })
  await expect.poll(() => text).toContain('event: next')
  fail(new Error('lost'))
  await sent
  await once(request.socket, 'close')
  expect(text).not.toContain('event: complete')
})
