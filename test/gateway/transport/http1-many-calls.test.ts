import { randomInt } from 'node:crypto'
import { getEventListeners, setMaxListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Asked, framed, outcome, serveRaw } from './raw-server.ts'

const calls = 10_000
const atOnce = 200
const connections = 16

const chunk = (bytes: Buffer): Buffer =>
  bytes.length === 0
    ? bytes
    : Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

/** Answers with what was asked: after some turns of the event loop, in pieces, in one of three frames. */
function answerAnyhow({ socket, body }: Asked): void {
  const kind = randomInt(100)
  if (kind === 0) {
    socket.destroy()
    return
  }
  // Never answered: its deadline ends it.
  if (kind === 1 && randomInt(10) === 0) return
  const half = randomInt(body.length + 1)
  let answer = framed(body)
  if (kind < 30) {
    answer = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      chunk(body.subarray(0, half)),
      chunk(body.subarray(half)),
      Buffer.from('0\r\n\r\n'),
    ])
  } else if (kind < 35) answer = framed(body, 'Connection: close\r\n')
  const cut = randomInt(answer.length)
  const later = (turns: number, then: () => void): void =>
    void setImmediate(turns === 0 ? then : () => later(turns - 1, then))
  later(randomInt(4), () => {
    socket.write(answer.subarray(0, cut))
    later(randomInt(3), () => socket.write(answer.subarray(cut)))
  })
}

describe('ten thousand calls over HTTP/1.1', () => {
  it('get the answer to their own request or none, and leave nothing open', async () => {
    const shared = new AbortController()
    setMaxListeners(0, shared.signal)
    const server = await serveRaw(answerAnyhow, { connections, deadlineMs: 5_000 })
    const seen = { answered: 0, aborted: 0, late: 0, broken: 0 }
    let begun = 0
    const caller = async (): Promise<void> => {
      while (begun < calls) {
        begun += 1
        const body = `${begun} ${'ü'.repeat(randomInt(2))}${'x'.repeat(randomInt(10) === 0 ? randomInt(200_000) : randomInt(300))}`
        const own = randomInt(10) === 0 ? new AbortController() : undefined
        const call = outcome(server.client.post({}, body, own?.signal ?? shared.signal))
        if (own) {
          for (let turns = randomInt(8); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
          own.abort(new Error('gone'))
        }
        const came = await call
        if (came === body) seen.answered += 1
        else if (came === 'rejected: gone') seen.aborted += 1
        else if (came === 'rejected: the deadline has passed') seen.late += 1
        else {
          expect(came).toMatch(/^rejected: (the connection was closed|read ECONNRESET|write E)/)
          seen.broken += 1
        }
        if (own) expect(getEventListeners(own.signal, 'abort')).toHaveLength(0)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, caller))
    expect(Object.values(seen).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(calls)
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
    expect(getEventListeners(shared.signal, 'abort')).toHaveLength(0)
    await server[Symbol.asyncDispose]()
    expect(server.open()).toBe(0)
  }, 120_000)
})
