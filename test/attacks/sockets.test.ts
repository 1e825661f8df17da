import { once } from 'node:events'
import { connect } from 'node:net'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionResult } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createLogger } from '../../kit/log.ts'
import { sendEventStream } from '../../kit/send-event-stream.ts'
import { type AttackGraph, startAttackGraph } from './attack-graph.ts'

const log = createLogger('test', 'silent')

describe('a client that takes its time', () => {
  let graph: AttackGraph
  beforeAll(async () => {
    graph = await startAttackGraph({ limits: 'as sold' })
  })
  afterAll(() => graph[Symbol.asyncDispose]())
  const open = () => {
    const { hostname, port } = new URL(graph.url)
    return connect(Number(port), hostname)
  }
  const until = async (socket: ReturnType<typeof open>): Promise<string> => {
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.on('error', () => undefined)
    await once(socket, 'close')
    return text
  }

  it('with its headers is closed, while others are answered', async () => {
    const slow = Array.from({ length: 50 }, open)
    const closed = Promise.all(slow.map(until))
    for (const socket of slow) socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('x')), 500)
    const { status } = await graph.ask(graph.key('northwind-portal'), '{ __typename }')
    expect(status).toBe(200)
    const answers = await closed.finally(() => clearInterval(drip))
    expect(answers.every((text) => text === '' || text.startsWith('HTTP/1.1 408 '))).toBe(true)
  }, 60_000)

  it('with the beginning of a WebSocket is closed with 4408', async () => {
    const socket = new WebSocket(`${graph.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(4408)
  })

  it('and sends pings without end begins nothing by them', async () => {
    const socket = new WebSocket(`${graph.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    await once(socket, 'open')
    for (let sent = 0; sent < 1_000; sent += 1) socket.send('{"type":"ping"}')
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(4408)
    expect(graph.leaks).toEqual([])
  })
})

describe('an event stream to a client that never reads', () => {
  let server: Server
  let taken = 0
  let ended = false
  const most = 5_000
  async function* results(): AsyncGenerator<ExecutionResult, undefined> {
    try {
      while (taken < most) {
        taken += 1
        yield { data: { filler: 'x'.repeat(64 * 1024) } }
      }
    } finally {
      ended = true
    }
  }
  beforeAll(async () => {
    server = createServer((_request, response) => void sendEventStream(response, results(), { log }))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => void server.close())

  it('takes no more from its feed than the socket holds, and lets go of it when the client is gone', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    let before = -1
    await vi.waitFor(
      () => {
        const grown = taken !== before
        before = taken
        expect(grown || taken === 0).toBe(false)
      },
      { timeout: 20_000, interval: 300 },
    )
    // 64 KiB each: some megabytes lie in the buffers of the two sockets.
    expect(taken).toBeLessThan(most / 10)
    socket.destroy()
    await vi.waitFor(() => expect(ended).toBe(true), { timeout: 40_000 })
  })
})
