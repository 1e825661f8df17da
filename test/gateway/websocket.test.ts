import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { credentialsFromInit } from '../../gateway/identity/credentials.ts'
import { type StreamRunner, refusedAnswer } from '../../gateway/streams/stream-operation.ts'
import { serveWebSocket } from '../../gateway/streams/websocket.ts'
import type { OpenStream, PrintedAnswer } from '../../gateway/streams/stream-reader.ts'
import { createFeedStream } from './feed-stream.ts'
import { CodedError } from '../../kit/errors.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { lasting } from './lasting.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

let server: Server
let webSocket: { close(): Promise<void> }
/** What the runner behind the front does with the next operations. */
let run: StreamRunner

const identify = async (payload: Readonly<Record<string, unknown>> | undefined) => {
  const credentials = credentialsFromInit(payload)
  if (credentials?.kind !== 'key') throw new CodedError('UNAUTHENTICATED', 'The app id or key is not valid.')
  if (credentials.key === 'outage') throw new Error('a secret of the database')
  return { caller: testCaller({ appId: credentials.appId }), limits: generousLimits }
}

beforeAll(async () => {
  server = createServer()
  webSocket = serveWebSocket(server, {
    path: '/graphql',
    doorOf: () => ({ identify, watch: async (payload) => lasting(await identify(payload)) }),
    run: (...args) => run(...args),
    log: createLogger('test', 'silent'),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  await webSocket.close()
  server.close()
})
beforeEach(() => {
  run = () => Promise.resolve({ dataText: '{"answer":1}', errors: [], body: '{"data":{"answer":1}}' })
})

const init = { type: 'connection_init', payload: { appId: 'app_test', key: 'key' } }
const subscribe = (id: string) => ({ id, type: 'subscribe', payload: { query: 'subscription { numbers }' } })

/** Makes feeds of one result that stay open until their readers let go of them, and counts those. */
function createFeeds() {
  const feeds = {
    closed: 0,
    open(): OpenStream {
      const { push, iterator } = createQueue<PrintedAnswer>({ limit: 10, onEnd: () => feeds.closed++ })
      push({ body: '{"data":{"numbers":1}}' })
      return createFeedStream(iterator)
    },
  }
  return feeds
}

/** A client that speaks the protocol as badly as a test wants. */
async function connect(protocol: string | string[] = 'graphql-transport-ws') {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, protocol)
  const received: { type: string; id?: string; payload?: unknown }[] = []
  socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString()) as { type: string }))
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await once(socket, 'open')
  return {
    closed,
    received,
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    /** The next message of a type; messages of other types may come before it. */
    message: (type: string) => expect.poll(() => received.find((message) => message.type === type)).toBeDefined(),
    [Symbol.dispose]: () => socket.terminate(),
  }
}

describe('a WebSocket that breaks the protocol', () => {
  it('is closed with 4408 when it does not begin in time', async () => {
    using client = await connect()
    expect(await client.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
  })

  it('is closed with 4401 when an operation comes before the acknowledgement', async () => {
    using client = await connect()
    client.send(subscribe('1'))
    expect(await client.closed).toEqual({ code: 4401, reason: 'Unauthorized' })
    expect(client.received).toEqual([])
  })

  it('is closed with 4429 when it begins twice', async () => {
    using client = await connect()
    client.send(init)
    client.send(init)
    expect(await client.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' })
  })

  it.each([
    'not JSON',
    '{}',
    '[]',
    '{"type":"nonsense"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":"1","payload":{}}',
  ])('is closed with 4400 after %s', async (text) => {
    using client = await connect()
    client.send(text)
    expect(await client.closed).toMatchObject({ code: 4400 })
  })

  it('is closed with 4409 when two operations have one id', async () => {
    const feeds = createFeeds()
    run = () => Promise.resolve(feeds.open())
    using client = await connect()
    client.send(init)
    await client.message('connection_ack')
    client.send(subscribe('1'))
    await client.message('next')
    client.send(subscribe('1'))
    expect(await client.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' })
    await expect.poll(() => feeds.closed).toBe(1)
  })

  it('is closed with 1009 after a message over 256 KiB, and not after one below', async () => {
    using client = await connect()
    const printed = vi.spyOn(console, 'error')
    client.send({ ...init, padding: 'x'.repeat(250 * 1024) })
    await client.message('connection_ack')
    client.send({ ...init, padding: 'x'.repeat(256 * 1024) })
    expect(await client.closed).toMatchObject({ code: 1009 })
    expect(printed).not.toHaveBeenCalled()
  })

  it('is refused when it speaks another protocol', async () => {
    for (const protocol of ['graphql-ws', ['soap', 'graphql-ws']]) {
      await expect(connect(protocol)).rejects.toThrow('Server sent no subprotocol')
    }
    using client = await connect([])
    expect(await client.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' })
  })

  it('is closed with 4403 and the reason when nobody knows the caller', async () => {
    for (const payload of [undefined, {}, { appId: 'app_test' }, { appId: 1, key: {} }]) {
      using client = await connect()
      client.send({ ...init, payload })
      expect(await client.closed).toEqual({ code: 4403, reason: 'The app id or key is not valid.' })
    }
  })
})

describe('a fault behind a WebSocket', () => {
  it('while the caller is looked up closes it and tells nothing of the cause', async () => {
    using client = await connect()
    client.send({ ...init, payload: { appId: 'app_test', key: 'outage' } })
    expect(await client.closed).toEqual({ code: 4500, reason: 'Internal server error' })
  })

  it('of an operation is an error of that operation and tells nothing of the cause', async () => {
    run = () => Promise.reject(new Error('a secret of the database'))
    using client = await connect()
    client.send(init)
    await client.message('connection_ack')
    client.send(subscribe('1'))
    await client.message('error')
    expect(client.received.at(-1)).toEqual({
      id: '1',
      type: 'error',
      payload: [{ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } }],
    })
  })
})

describe('an operation on a WebSocket', () => {
  it('ends, and its feed with it, when the client completes it; the others go on', async () => {
    const feeds = createFeeds()
    run = () => Promise.resolve(feeds.open())
    using client = await connect()
    client.send(init)
    await client.message('connection_ack')
    client.send(subscribe('1'))
    client.send(subscribe('2'))
    await expect.poll(() => client.received.filter(({ type }) => type === 'next')).toHaveLength(2)
    client.send({ id: '1', type: 'complete' })
    await expect.poll(() => feeds.closed).toBe(1)
    client.send({ type: 'ping' })
    await client.message('pong')
    expect(feeds.closed).toBe(1)
  })

  it('is aborted when the socket is gone, even while it is being opened', async () => {
    const feeds = createFeeds()
    const signals: AbortSignal[] = []
    run = (_params, _identity, signal) => {
      signals.push(signal)
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(feeds.open()), { once: true })
      })
    }
    {
      using client = await connect()
      client.send(init)
      await client.message('connection_ack')
      client.send(subscribe('1'))
      await expect.poll(() => signals).toHaveLength(1)
    }
    await expect.poll(() => signals[0]?.aborted).toBe(true)
    await expect.poll(() => feeds.closed).toBe(1)
  })

  it('that is refused is an error message with its code, and the socket goes on', async () => {
    run = () => Promise.resolve(refusedAnswer(new CodedError('THROTTLED', 'Later.', { retryAfter: 1 })))
    using client = await connect()
    client.send(init)
    await client.message('connection_ack')
    client.send(subscribe('1'))
    await client.message('error')
    expect(client.received.at(-1)).toEqual({
      id: '1',
      type: 'error',
      payload: [{ message: 'Later.', extensions: { code: 'THROTTLED', retryAfter: 1 } }],
    })
    client.send({ type: 'ping' })
    await client.message('pong')
  })
})
