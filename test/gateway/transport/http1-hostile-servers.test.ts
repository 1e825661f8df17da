import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Asked, framed, never, outcome, serveRaw } from './raw-server.ts'

/** A server whose first connection does what the test says; the others answer with what they were sent. */
const serveOnce = (first: (asked: Asked) => void, options: Parameters<typeof serveRaw>[1] = {}) =>
  serveRaw((asked) => (asked.connection === 1 ? first(asked) : asked.socket.write(framed(asked.body))), options)

const answer = framed('{"data":{}}', 'Date: now\r\n')
const inChunks = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n')

describe('a call to a server over HTTP/1.1', () => {
  it.each<[string, string | Buffer]>([
    ['answers with nonsense', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['answers twice at once', Buffer.concat([answer, answer])],
    ['sends more than it said', Buffer.concat([answer, Buffer.from('x')])],
    ['says two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    [
      'sends chunks and a length',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n',
    ],
    ['announces more than can be held', `HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 31}\r\n\r\n`],
    ['speaks another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ])('that %s is rejected, its connection closed, and the next one answered', async (_name, bytes) => {
    await using server = await serveOnce(({ socket }) => socket.write(bytes))
    expect(await outcome(server.client.post({}, 'first', never()))).toMatch('rejected')
    await server.connections[0]
    expect(await outcome(server.client.post({}, 'second', never()))).toBe('second')
  })

  it.each<[string, Buffer, (socket: Socket, bytes: Buffer) => void]>([
    ['closes', answer, (socket, bytes) => socket.end(bytes)],
    ['closes among chunks', inChunks, (socket, bytes) => socket.end(bytes)],
    ['resets', answer, (socket, bytes) => socket.write(bytes, () => socket.resetAndDestroy())],
  ])('that %s before its answer is whole is rejected, at each byte', async (_name, bytes, leave) => {
    let at = 0
    await using server = await serveRaw(({ socket }) => leave(socket, bytes.subarray(0, at)))
    for (; at < bytes.length; at += 1) {
      expect(await outcome(server.client.post({}, '{}', never())), `${at} bytes`).toMatch('rejected')
    }
    expect(server.connections).toHaveLength(bytes.length)
  })

  it('that answers nobody loses the connection, and no later call gets what it said', async () => {
    let socket: Socket | undefined
    await using server = await serveOnce((first) => {
      socket = first.socket
      socket.write(framed(first.body))
    })
    expect(await outcome(server.client.post({}, 'first', never()))).toBe('first')
    socket?.write(framed('to nobody'))
    await server.connections[0]
    expect(await outcome(server.client.post({}, 'second', never()))).toBe('second')
  })

  it('that answers before the request was sent is answered, and its connection closed', async () => {
    let held: Socket | undefined
    await using server = await serveRaw(({ socket, body }) => socket.write(framed(body)), {
      onConnection: (socket) => {
        if (held) return
        held = socket
        // Reads nothing but the beginning of what is sent.
        socket.removeAllListeners('data')
        socket.once('data', () => socket.pause().write(framed('too large')))
      },
    })
    const answered = await outcome(server.client.post({}, 'x'.repeat(30_000_000), never()))
    expect(answered.slice(0, 100)).toBe('too large')
    expect(await outcome(server.client.post({}, 'second', never()))).toBe('second')
    expect(server.connections).toHaveLength(2)
    held?.resume()
    await server.connections[0]
  })

  it.each<[string, string]>([
    ['a head', 'HTTP/1.1 200 OK\r\nX-Any: '],
    ['a body', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'],
  ])('that sends %s byte by byte for ever is ended at its deadline', async (_name, begin) => {
    await using server = await serveOnce(
      ({ socket }) => {
        socket.write(begin)
        const timer = setInterval(() => socket.write('x'), 5)
        socket.on('close', () => clearInterval(timer))
      },
      { deadlineMs: 400 },
    )
    await expect(server.client.post({}, 'first', never())).rejects.toMatchObject({ name: 'TimeoutError' })
    await server.connections[0]
    expect(await outcome(server.client.post({}, 'second', never()))).toBe('second')
  })

  it('that sends answers for information for ever is rejected', async () => {
    await using server = await serveOnce(({ socket }) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write('HTTP/1.1 102 Processing\r\n\r\n'));
      }
      socket.on('drain', more)
      more()
    })
    expect(await outcome(server.client.post({}, 'first', never()))).toMatch('too large')
    expect(await outcome(server.client.post({}, 'second', never()))).toBe('second')
  })
})
