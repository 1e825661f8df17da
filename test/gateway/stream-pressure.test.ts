import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { fullAtBytes } from '../../gateway/streams/outlet.ts'
import { PlayedStream, type StreamFronts, answerOf, startStreamFronts, tick } from './stream-fronts-under-test.ts'

let fronts: StreamFronts
let readers: RawReader[]
beforeEach(async () => {
  fronts = await startStreamFronts()
  readers = []
})
afterEach(async () => {
  for (const reader of readers) reader.leave()
  await fronts[Symbol.asyncDispose]()
})

const query = 'subscription { ticked }'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A reader that may stop to read what its connection brings. */
interface RawReader {
  /** All that came, as text. */
  readonly text: () => string
  readonly socket: Socket
  stop(): void
  goOn(): void
  leave(): void
}

async function overHttp(path: string, accept: string): Promise<RawReader> {
  const asked: ClientRequest = request(`${fronts.url}${path}`, {
    method: 'POST',
    agent: false,
    headers: { accept, 'content-type': 'application/json', 'x-tributary-app': 'app_test', 'x-tributary-key': 'key' },
  })
  asked.on('error', () => undefined)
  asked.end(JSON.stringify({ query }))
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: string[] = []
  response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  response.on('error', () => undefined)
  return {
    text: () => chunks.join(''),
    socket: response.socket,
    stop: () => void response.pause(),
    goOn: () => void response.resume(),
    leave: () => asked.destroy(),
  }
}

async function overSocket(): Promise<RawReader> {
  const webSocket = new WebSocket(`${fronts.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const chunks: string[] = []
  webSocket.on('error', () => undefined)
  webSocket.on('message', (data: Buffer) => {
    const text = data.toString()
    chunks.push(text)
    if (text.includes('connection_ack')) {
      webSocket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
    }
  })
  const [[{ socket }]] = (await Promise.all([once(webSocket, 'upgrade'), once(webSocket, 'open')])) as [
    [IncomingMessage],
    unknown,
  ]
  webSocket.send(JSON.stringify({ type: 'connection_init', payload: { appId: 'app_test', key: 'key' } }))
  return {
    text: () => chunks.join('\n'),
    socket,
    stop: () => webSocket.pause(),
    goOn: () => webSocket.resume(),
    leave: () => webSocket.terminate(),
  }
}

const kinds: Readonly<Record<string, () => Promise<RawReader>>> = {
  websocket: overSocket,
  'event stream': () => overHttp('/graphql/stream', 'text/event-stream'),
  parts: () => overHttp('/graphql', 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'),
}

/** One event of 8 KiB that says its number. */
const large = (ticked: number) => ({
  body: JSON.stringify({ data: { ticked }, extensions: { filler: 'x'.repeat(8_192) } }),
  cursor: `evc_${ticked}`,
})
const numbersIn = (text: string) => [...text.matchAll(/"ticked":(\d+)/g)].map(([, number]) => Number(number))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe.each(Object.entries(kinds))('over a %s', (_name, open) => {
  const openReader = async (): Promise<{ reader: RawReader; stream: PlayedStream }> => {
    const stream = new PlayedStream()
    fronts.run = () => Promise.resolve(stream)
    const reader = await open()
    readers.push(reader)
    await expect.poll(() => stream.isRead).toBe(true)
    return { reader, stream }
  }

  it('a reader that stops is waited for, and goes on where it stopped', async () => {
    const { reader, stream } = await openReader()
    reader.stop()
    const count = 3_000
    stream.push(...upTo(count).map(large))
    // Some megabytes go into the buffers of the two sockets.
    await expect.poll(() => stream.sent).toBeGreaterThan(5)
    await settled(() => stream.sent)
    expect(stream.waiting).toBeGreaterThan(0)
    reader.goOn()
    await expect.poll(() => numbersIn(reader.text()).length).toBe(count)
    expect(numbersIn(reader.text())).toEqual(upTo(count))
    expect(stream.drained).toBeGreaterThan(0)
    expect(stream.closed).toBe(0)
  })

  it('100 readers that stop hold no more than their cap each, and the others get everything', async () => {
    const streams: PlayedStream[] = []
    fronts.run = () => {
      const stream = new PlayedStream()
      streams.push(stream)
      return Promise.resolve(stream)
    }
    const stalled = await Promise.all(upTo(100).map(open))
    readers.push(...stalled)
    await expect.poll(() => streams.filter(({ isRead }) => isRead)).toHaveLength(100)
    for (const reader of stalled) reader.stop()
    const fast = await Promise.all(upTo(5).map(open))
    readers.push(...fast)
    await expect.poll(() => streams.filter(({ isRead }) => isRead)).toHaveLength(105)
    const before = heldOutsideTheHeap()
    const events = upTo(1_500).map(large)
    for (let at = 0; at < events.length; at += 10) {
      for (const stream of streams) stream.push(...events.slice(at, at + 10))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => fast.map((reader) => numbersIn(reader.text()).length)).toEqual(fast.map(() => 1_500))
    await settled(() => streams.reduce((sum, { sent }) => sum + sent, 0))
    const waited = streams.filter(({ waiting }) => waiting > 0)
    expect(waited.length).toBeGreaterThanOrEqual(90)
    // What the front holds of a reader is its cap, and the event that has filled it.
    await expect.poll(() => heldOutsideTheHeap() - before).toBeLessThan(2 * 105 * (fullAtBytes + 10_000) + 30 * 2 ** 20)
  }, 60_000)
})

/** Bytes of buffers that somebody holds; what only waits to be collected is held by nobody. */
function heldOutsideTheHeap(): number {
  collectGarbage()
  const { external, arrayBuffers } = process.memoryUsage()
  return external + arrayBuffers
}

/** Waits until a figure stays as it is for some turns. */
async function settled(figure: () => number): Promise<void> {
  let before = -1
  await expect
    .poll(
      () => {
        const same = figure() === before
        before = figure()
        return same
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true)
}

describe('a peer that is gone without a word', () => {
  beforeEach(async () => {
    await fronts[Symbol.asyncDispose]()
    fronts = await startStreamFronts({ beatMs: 120 })
  })

  it('is left by a socket that answers no ping, while one that does stays', async () => {
    const streams: PlayedStream[] = []
    fronts.run = () => {
      streams.push(new PlayedStream())
      return Promise.resolve(streams.at(-1) as PlayedStream)
    }
    const silent = await overSocket()
    readers.push(silent)
    await expect.poll(() => streams.length).toBe(1)
    const living = await overSocket()
    readers.push(living)
    await expect.poll(() => streams.length).toBe(2)
    let pings = 0
    living.socket.on('data', (data: Buffer) => (pings += data.includes(Buffer.from([0x89, 0])) ? 1 : 0))
    // Nothing is read of it any more, so no pong is sent.
    silent.socket.pause()
    silent.stop()
    await expect.poll(() => streams[0]?.closed).toBe(1)
    await expect.poll(() => pings).toBeGreaterThan(3)
    expect(streams[1]?.closed).toBe(0)
  })

  it('is left by an event stream after a minute of heartbeats that found everything still waiting', async () => {
    const stream = new PlayedStream()
    fronts.run = () => Promise.resolve(stream)
    const reader = await overHttp('/graphql/stream', 'text/event-stream')
    readers.push(reader)
    await expect.poll(() => stream.isRead).toBe(true)
    reader.stop()
    stream.push(...upTo(3_000).map(large))
    await expect.poll(() => stream.closed).toBe(1)
  })

  it.each([
    ['/graphql/stream', 'text/event-stream', '\n\n:\n\n'],
    ['/graphql', 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0', '\r\n\r\n{}\r\n--graphql'],
  ])('is looked for by heartbeats on %s', async (path, accept, heartbeat) => {
    const stream = new PlayedStream()
    fronts.run = () => Promise.resolve(stream)
    const reader = await overHttp(path, accept)
    readers.push(reader)
    stream.push(tick(7))
    await expect.poll(() => reader.text().split('"ticked":7')[1]?.split(heartbeat).length).toBeGreaterThan(3)
  })
})

const subscribe = (id: number) => ({ id: `op-${id}`, type: 'subscribe', payload: { query } })

describe('over a websocket', () => {
  it('pongs to one who does not read them are not piled up', async () => {
    const webSocket = new WebSocket(`${fronts.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const [[{ socket }]] = (await Promise.all([once(webSocket, 'upgrade'), once(webSocket, 'open')])) as [
      [IncomingMessage],
      unknown,
    ]
    webSocket.send(JSON.stringify({ type: 'connection_init', payload: { appId: 'app_test', key: 'key' } }))
    await once(webSocket, 'message')
    socket.pause()
    const ping = JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(100_000) } })
    for (let sent = 0; sent < 500; sent += 1) webSocket.send(ping)
    // The gateway stops to read, so what is sent stays with who sends it.
    await settled(() => webSocket.bufferedAmount)
    expect(webSocket.bufferedAmount).toBeGreaterThan(10 * 2 ** 20)
    webSocket.terminate()
  })

  it('a hundred operations are carried at a time, and the next one is refused by itself', async () => {
    const streams: PlayedStream[] = []
    fronts.run = () => {
      streams.push(new PlayedStream())
      return Promise.resolve(streams.at(-1) as PlayedStream)
    }
    const reader = await overSocket()
    readers.push(reader)
    await expect.poll(() => streams.length).toBe(1)
    const frames = upTo(100).map((id) => maskedFrame(JSON.stringify(subscribe(id))))
    reader.socket.write(Buffer.concat(frames))
    await expect.poll(() => reader.text()).toContain('THROTTLED')
    expect(reader.text()).toContain('"id":"op-99"')
    expect(streams).toHaveLength(100)
    fronts.run = () => Promise.resolve(answerOf({ answer: 1 }))
    reader.socket.write(maskedFrame(JSON.stringify({ id: '1', type: 'complete' })))
    reader.socket.write(maskedFrame(JSON.stringify(subscribe(100))))
    await expect.poll(() => reader.text()).toContain('{"id":"op-100","type":"complete"}')
  })

  it('a peer that drips a frame for ever before it has said who it is is left', async () => {
    const { hostname, port } = new URL(fronts.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    const lines = [
      'GET /graphql HTTP/1.1',
      'host: x',
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-protocol: graphql-transport-ws',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    await once(socket, 'data')
    // The head of a frame of 50,000 bytes, of which one comes now and then.
    socket.write(Buffer.from([0x81, 0xfe, 0xc3, 0x50, 0, 0, 0, 0]))
    const drip = setInterval(() => socket.writable && socket.write('x'), 100)
    socket.resume()
    await once(socket, 'close').finally(() => clearInterval(drip))
  })
})

/** A text frame as clients send it. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0])
  if (payload.length >= 126) return Buffer.concat([head, payload])
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}
