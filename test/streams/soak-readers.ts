import { request } from 'node:http'
import { WebSocket } from 'ws'
import { type EventCursors, createEventCursors } from '../../kit/event-cursor.ts'

/** What the process of readers is told to do; `stopAt` and `tell` come later. */
export interface SoakOrder {
  readonly urls: readonly string[]
  readonly cursorKey: string
  readonly headers: Readonly<Record<string, string>>
  readonly init: object
  readonly readers: number
  readonly after: string
}

/** What all readers of a process have come to. */
export interface SoakReport {
  readonly open: number
  /** Readers whose last event is at or behind the asked position. */
  readonly complete: number
  /** Sum over readers of the events that they had not had before. */
  readonly events: number
  /** Sum over readers of the positions of those. */
  readonly positions: number
  /** Events that came again after a reader had come back with its cursor, and so were dropped by it. */
  readonly repeated: number
  /** Events that came before one that had to come first. */
  readonly outOfOrder: number
  readonly reconnects: number
  readonly codes: Readonly<Record<string, number>>
}

const query = `subscription ($after: String) {
  inventoryChanged(after: $after) { cursor delta level { id } }
}`
const cursorIn = /"cursor":"(evc_[\w-]{22})"/g
const codeIn = /"code":"([A-Z_]+)"/

/** One partner's program: keeps its last cursor, and comes back with it to another gateway whenever it is cut off. */
class SoakReader {
  readonly #order: SoakOrder
  readonly #cursors: EventCursors
  readonly #number: number
  #cursor: string
  #attempts = 0
  #tail = ''
  open = false
  /** Position of the last event. */
  last: number
  events = 0
  positions = 0
  repeated = 0
  outOfOrder = 0
  readonly codes: Map<string, number>

  constructor(order: SoakOrder, number: number, codes: Map<string, number>, cursors: EventCursors) {
    this.#order = order
    this.#number = number
    this.#cursors = cursors
    this.#cursor = order.after
    this.last = cursors.decode(order.after) ?? 0
    this.codes = codes
  }

  get reconnects(): number {
    return Math.max(0, this.#attempts - 1)
  }

  connect(): void {
    const { urls } = this.#order
    const url = urls[(this.#number + this.#attempts) % urls.length] ?? ''
    this.#attempts += 1
    this.#tail = ''
    if (this.#number % 2 === 0) this.#overWebSocket(url)
    else this.#overEvents(url)
  }

  #overWebSocket(url: string): void {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    })
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: this.#order.init })))
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1')
      if (text.includes('"connection_ack"')) {
        const payload = { query, variables: { after: this.#cursor } }
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
        this.open = true
      } else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}')
      else if (this.#read(text) === 0 && (text.includes('"error"') || text.includes('"complete"'))) socket.close()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => this.#again())
  }

  #overEvents(url: string): void {
    const body = JSON.stringify({ query, variables: { after: this.#cursor } })
    const sent = request(`${url}/graphql/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'content-length': Buffer.byteLength(body),
        ...this.#order.headers,
      },
      agent: false,
    })
    let over = false
    const end = (): void => {
      if (!over) this.#again()
      over = true
    }
    sent.on('response', (response) => {
      this.open = response.statusCode === 200
      response.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')))
      response.on('end', end)
      response.on('error', end)
      response.on('close', end)
    })
    sent.on('error', end)
    sent.end(body)
  }

  #again(): void {
    this.open = false
    setTimeout(() => this.connect(), 200 + Math.random() * 800)
  }

  /** Answers how many events there were. */
  #read(chunk: string): number {
    const text = this.#tail + chunk
    const end = Math.max(text.lastIndexOf('\n\n'), this.#number % 2 === 0 ? text.length : 0)
    this.#tail = text.slice(end)
    let count = 0
    for (const [, cursor = ''] of text.slice(0, end).matchAll(cursorIn)) {
      count += 1
      this.#take(cursor)
    }
    const code = count === 0 ? codeIn.exec(text)?.[1] : undefined
    if (code !== undefined) this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
    return count
  }

  #take(cursor: string): void {
    const position = this.#cursors.decode(cursor)
    if (position === null) throw new Error(`no cursor: ${cursor}`)
    if (position === this.last) this.repeated += 1
    else if (position < this.last) this.outOfOrder += 1
    if (position <= this.last) return
    this.last = position
    this.#cursor = cursor
    this.events += 1
    this.positions += position
  }
}

const readers: SoakReader[] = []
const codes = new Map<string, number>()

const sum = (of: (reader: SoakReader) => number): number => readers.reduce((total, reader) => total + of(reader), 0)

process.on('message', (message: { order: SoakOrder } | { tellUpTo: number }) => {
  if ('order' in message) {
    const cursors = createEventCursors(Buffer.from(message.order.cursorKey, 'base64'))
    for (let number = 0; number < message.order.readers; number += 1) {
      const reader = new SoakReader(message.order, number, codes, cursors)
      readers.push(reader)
      setTimeout(() => reader.connect(), number * 2)
    }
    return
  }
  const report: SoakReport = {
    open: sum(({ open }) => Number(open)),
    complete: sum(({ last }) => Number(last >= message.tellUpTo)),
    events: sum(({ events }) => events),
    positions: sum(({ positions }) => positions),
    repeated: sum(({ repeated }) => repeated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    reconnects: sum(({ reconnects }) => reconnects),
    codes: Object.fromEntries(codes),
  }
  process.send?.(report)
})
