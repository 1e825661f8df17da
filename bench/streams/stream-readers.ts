import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** Sockets that are opened at a time: more than a server's backlog holds would be refused. */
const openedAtOnce = 200
/** Of so many readers one has its events' ages taken. */
const sampled = 10

/** What readers are to do. */
export interface Reading {
  readonly url: string
  readonly query: string
  /** Who the reader of a number is. */
  readonly credentials: (number: number) => { readonly appId: string; readonly key: string }
  /** How old the event of a message is, in milliseconds. */
  readonly ageOf: (message: string) => number
}

/** Many readers over graphql-ws that count what they get and look into little of it. */
export class StreamReaders {
  readonly #readers: Reader[] = []
  #waiting: { readonly each: number; readonly resolve: () => void } | undefined
  #missing = 0
  #closed = false
  readonly agesMs: number[] = []

  async open(reading: Reading, readers: number): Promise<void> {
    for (let at = 0; at < readers; at += openedAtOnce) {
      const some = Array.from({ length: Math.min(openedAtOnce, readers - at) }, async (_, index) => {
        const number = at + index
        const reader = new Reader(this, number % sampled === 0 ? reading.ageOf : null)
        this.#readers.push(reader)
        await reader.open(reading, number)
      })
      await Promise.all(some)
    }
  }

  get fewest(): number {
    return Math.min(...this.#readers.map(({ received }) => received))
  }
  get all(): number {
    return this.#readers.reduce((sum, { received }) => sum + received, 0)
  }

  /** Forgets what was received. */
  begin(): void {
    this.agesMs.length = 0
    for (const reader of this.#readers) reader.received = 0
  }

  /** Forgets what was received, and resolves when every reader has so many events. */
  each(events: number): Promise<void> {
    this.begin()
    this.#missing = this.#readers.length
    return new Promise((resolve) => (this.#waiting = { each: events, resolve }))
  }

  /** A reader has one more. */
  got(received: number): void {
    if (received !== this.#waiting?.each) return
    this.#missing -= 1
    if (this.#missing === 0) this.#waiting.resolve()
  }

  /** A socket was closed, by the server unless the bench is over. */
  lost(): void {
    if (!this.#closed) throw new Error('a reader was closed')
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers) reader.close()
  }
}

/** One socket. Of each frame only the head is read. */
class Reader {
  readonly #all: StreamReaders
  readonly #ageOf: Reading['ageOf'] | null
  #socket: Socket | undefined
  #rest: Buffer | undefined
  received = 0

  constructor(all: StreamReaders, ageOf: Reading['ageOf'] | null) {
    this.#all = all
    this.#ageOf = ageOf
  }

  async open({ url, query, credentials }: Reading, number: number): Promise<void> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    this.#socket = socket
    await once(socket, 'connect')
    const head = [
      'GET /graphql HTTP/1.1',
      `host: ${hostname}:${port}`,
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-protocol: graphql-transport-ws',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    const [upgraded] = (await once(socket, 'data')) as [Buffer]
    if (!upgraded.toString().startsWith('HTTP/1.1 101 ')) throw new Error(`not upgraded: ${upgraded.toString()}`)
    socket.write(masked({ type: 'connection_init', payload: credentials(number) }))
    const [acknowledged] = (await once(socket, 'data')) as [Buffer]
    if (!acknowledged.includes('connection_ack')) throw new Error(`not acknowledged: ${acknowledged.toString()}`)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#all.lost())
    socket.write(masked({ id: randomUUID(), type: 'subscribe', payload: { query } }))
  }

  close(): void {
    this.#socket?.destroy()
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    for (;;) {
      const end = frameEnd(bytes)
      if (end === null || end > bytes.length) break
      if (bytes[0] === 0x81) this.#take(bytes.subarray(0, end))
      else if (bytes[0] === 0x89) this.#socket?.write(pong)
      bytes = bytes.subarray(end)
    }
    if (bytes.length > 0) this.#rest = bytes
  }

  #take(frame: Buffer): void {
    if (this.#ageOf) this.#all.agesMs.push(this.#ageOf(frame.toString('latin1')))
    this.received += 1
    this.#all.got(this.received)
  }
}

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

/** Where the first frame ends; null while its head is not there. */
function frameEnd(bytes: Buffer): number | null {
  const short = bytes[1]
  if (short === undefined) return null
  if (short < 126) return 2 + short
  if (short === 126) return bytes.length < 4 ? null : 4 + bytes.readUInt16BE(2)
  return bytes.length < 10 ? null : 10 + Number(bytes.readBigUInt64BE(2))
}

/** A frame as clients send it, its mask all zeros. */
function masked(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message))
  const head =
    payload.length < 126 ? [0x81, 0x80 | payload.length] : [0x81, 0xfe, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload])
}
