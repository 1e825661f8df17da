import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHttp1Client } from '../../../gateway/transport/http1/http1-client.ts'
import { subgraphAddress } from '../../../gateway/transport/subgraph-address.ts'
import { type Asked, framed, never, outcome, serveRaw } from './raw-server.ts'

const echo = ({ socket, body }: Asked): void => void socket.write(framed(body))

/** A server that holds its answers until they are asked for. */
async function serveHeld(options: Parameters<typeof serveRaw>[1] = {}) {
  const held: Asked[] = []
  const server = await serveRaw((asked) => held.push(asked), options)
  return {
    ...server,
    held,
    bodies: () => held.map(({ body }) => body.toString()),
    async has(count: number) {
      await expect.poll(() => held.length).toBe(count)
    },
  }
}

/** A signal that knows its listeners. */
function countingSignal() {
  const { signal } = new AbortController()
  const listeners = new Set<() => void>()
  return {
    listeners,
    signal: {
      aborted: signal.aborted,
      reason: undefined,
      addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: 'abort', listener: () => void) => void listeners.delete(listener),
    },
  }
}

describe('a request over HTTP/1.1', () => {
  it('is one line, its fields and the body', async () => {
    const heads: string[] = []
    const answer = (asked: Asked): void => {
      heads.push(asked.head)
      echo(asked)
    }
    await using server = await serveRaw(answer, { headers: { accept: 'application/json' } })
    expect(await server.client.post({ 'x-request-id': 'a b' }, '{}', never())).toEqual({ status: 200, text: '{}' })
    expect(heads[0]?.split('\r\n')).toEqual([
      'POST /graphql?a=b HTTP/1.1',
      expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
      'connection: keep-alive',
      'accept: application/json',
      'x-request-id: a b',
      'content-length: 2',
      '',
      '',
    ])
  })

  it('has the body that it was given and its length, whatever characters are in it', async () => {
    await using server = await serveRaw(echo)
    const unit = fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xff }), fc.nat({ max: 0xffff }))
    const text = fc.array(unit, { maxLength: 60 }).map((units) => String.fromCharCode(...units))
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        // Halves of pairs have no bytes; they are what an encoder makes of them.
        const { text: back } = await server.client.post({}, body, never())
        expect(back).toBe(Buffer.from(body).toString())
      }),
      { numRuns: 300 },
    )
    expect(server.connections).toHaveLength(1)
  })

  it.each(['\r\nx: y', '\n', '\r', '\0', 'é', '\u{1F600}', '\u010d\u010a'])(
    'with %j in a field is not sent',
    async (value) => {
      const { listeners, signal } = countingSignal()
      await using server = await serveRaw(echo)
      expect(await outcome(server.client.post({ traceparent: `a${value}b` }, '{}', signal))).toMatch('cannot be sent')
      expect(server.connections).toHaveLength(0)
      expect(listeners.size).toBe(0)
    },
  )

  it('of megabytes and its answer are whole', async () => {
    await using server = await serveRaw(echo)
    for (const letter of ['x', 'ü']) {
      const body = letter.repeat(3_000_000)
      expect((await server.client.post({}, body, never())).text === body).toBe(true)
    }
  })
})

describe('connections over HTTP/1.1', () => {
  it('are used again, the last used first', async () => {
    await using server = await serveHeld()
    const first = server.client.post({}, 'a', never())
    const second = server.client.post({}, 'b', never())
    await server.has(2)
    for (const { socket, body } of server.held) {
      socket.write(framed(body))
      await (body.toString() === 'a' ? first : second)
    }
    const last = server.held[1]?.connection
    for (let call = 2; call < 5; call += 1) {
      const again = server.client.post({}, 'c', never())
      await server.has(call + 1)
      const asked = server.held[call]
      expect(asked?.connection).toBe(last)
      asked?.socket.write(framed('c'))
      await again
    }
  })

  it('are as many as allowed, and calls wait for them in their order', async () => {
    await using server = await serveHeld({ connections: 3 })
    const calls = Array.from({ length: 9 }, (_, call) => server.client.post({}, String(call), never()))
    for (let call = 0; call < 9; call += 1) {
      await server.has(Math.min(call + 3, 9))
      const asked = server.held[call]
      asked?.socket.write(framed(asked.body))
      expect(await calls[Number(asked?.body)]).toEqual({ status: 200, text: asked?.body.toString() })
    }
    expect(server.bodies().slice(3)).toEqual(['3', '4', '5', '6', '7', '8'])
    expect(server.most()).toBe(3)
  })

  it.each(['Connection: close\r\n', 'connection: Keep-Alive, CLOSE\r\n', 'Keep-Alive: timeout=1\r\n'])(
    'whose server says %j are not used again',
    async (fields) => {
      await using server = await serveRaw(({ socket, body }) => socket.write(framed(body, fields)))
      for (const body of ['a', 'b']) expect(await outcome(server.client.post({}, body, never()))).toBe(body)
      expect(server.connections).toHaveLength(2)
      await Promise.all(server.connections)
    },
  )

  it('of HTTP/1.0 are used again only where the server says so', async () => {
    let fields = ''
    await using server = await serveRaw(({ socket, body }) =>
      socket.write(`HTTP/1.0 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body.toString()}`),
    )
    for (const body of ['a', 'b']) expect(await outcome(server.client.post({}, body, never()))).toBe(body)
    expect(server.connections).toHaveLength(2)
    fields = 'Connection: keep-alive\r\n'
    for (const body of ['c', 'd']) expect(await outcome(server.client.post({}, body, never()))).toBe(body)
    expect(server.connections).toHaveLength(3)
  })

  it('that are idle are closed before the server would', async () => {
    await using server = await serveRaw(({ socket, body }) => socket.write(framed(body, 'Keep-Alive: timeout=2\r\n')))
    await server.client.post({}, 'a', never())
    // Nothing but the client closes it.
    await server.connections[0]
    expect(await outcome(server.client.post({}, 'b', never()))).toBe('b')
  })

  it('that cannot be made are told to all that wait', async () => {
    const server = await serveRaw(echo, { connections: 2 })
    const { client } = server
    await server[Symbol.asyncDispose]()
    expect(await outcome(client.post({}, 'a', never()))).toBe('rejected: the client is closed')
    const gone = createHttp1Client({ address: subgraphAddress('http://127.0.0.1:1/'), headers: {}, connections: 2 })
    const calls = Array.from({ length: 20 }, () => outcome(gone.post({}, '{}', never())))
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['rejected: connect ECONNREFUSED 127.0.0.1:1']))
  })

  it('are made by name, too', async () => {
    await using server = await serveRaw(({ socket, head }) => socket.write(framed(/host: (.*)/.exec(head)?.[1] ?? '')))
    const { text } = await server.client.post({}, '', never())
    const address = subgraphAddress(`http://localhost:${text.split(':')[1]}`)
    const client = createHttp1Client({ address, headers: {}, connections: 1 })
    expect(await outcome(client.post({}, '', never()))).toBe(address.origin.slice('http://'.length))
    client.close()
  })

  it('that are idle keep no process alive', async () => {
    const script = new URL('idle-process.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { timeout: 20_000 })
    expect(JSON.parse(stdout)).toEqual({ text: 'answered', heldBy: [] })
  })
})

describe('the end of a call over HTTP/1.1', () => {
  it('with its signal rejects with the reason and closes its connection', async () => {
    await using server = await serveHeld()
    const client = new AbortController()
    const reason = new Error('the client went away')
    const call = server.client.post({}, 'a', client.signal)
    await server.has(1)
    client.abort(reason)
    await expect(call).rejects.toBe(reason)
    await server.connections[0]
    const next = server.client.post({}, 'b', never())
    await server.has(2)
    server.held[1]?.socket.write(framed('b'))
    expect(await outcome(next)).toBe('b')
  })

  it('with a signal that has ended before sends nothing', async () => {
    await using server = await serveRaw(echo)
    const reason = new Error('gone')
    await expect(server.client.post({}, 'a', AbortSignal.abort(reason))).rejects.toBe(reason)
    await expect(server.client.post({}, 'a', AbortSignal.abort('gone'))).rejects.toMatchObject({ cause: 'gone' })
    expect(server.connections).toHaveLength(0)
  })

  it('that waits for a connection lets the others go on', async () => {
    await using server = await serveHeld({ connections: 1 })
    const client = new AbortController()
    const calls = ['a', 'b', 'c'].map((body) =>
      outcome(server.client.post({}, body, body === 'b' ? client.signal : never())),
    )
    await server.has(1)
    client.abort(new Error('gone'))
    expect(await calls[1]).toBe('rejected: gone')
    server.held[0]?.socket.write(framed('a'))
    await server.has(2)
    server.held[1]?.socket.write(framed('c'))
    expect(await Promise.all(calls)).toEqual(['a', 'rejected: gone', 'c'])
    expect(server.bodies()).toEqual(['a', 'c'])
  })

  it('comes at its deadline, whether it was sent or waits', async () => {
    await using server = await serveHeld({ connections: 1, deadlineMs: 300 })
    const calls = ['a', 'b', 'c'].map((body) => server.client.post({}, body, never()))
    const ends = await Promise.allSettled(calls)
    for (const end of ends) expect(end).toMatchObject({ reason: { name: 'TimeoutError' } })
    await server.connections[0]
  })

  it('with the client rejects all and closes all', async () => {
    await using server = await serveHeld({ connections: 2 })
    const calls = ['a', 'b', 'c'].map((body) => outcome(server.client.post({}, body, never())))
    await server.has(2)
    server.client.close()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['rejected: the client is closed']))
    await Promise.all(server.connections)
  })

  it('of every kind takes its listener from the signal', async () => {
    const { listeners, signal } = countingSignal()
    await using server = await serveRaw(
      ({ socket, body }) => {
        if (body.toString() === 'answered') socket.write(framed(body))
        if (body.toString() === 'broken') socket.destroy()
        if (body.toString() === 'refused') socket.write('nonsense')
      },
      { deadlineMs: 300 },
    )
    const calls = ['answered', 'broken', 'refused', 'late'].map((body) => server.client.post({}, body, signal))
    expect(listeners.size).toBe(4)
    await Promise.allSettled(calls)
    expect(listeners.size).toBe(0)
  })
})
