import { type NetConnectOpts, type Socket, connect } from 'node:net'
import type { BodyMemory } from './body-memory.ts'
import type { Call } from './call.ts'
import { ResponseReader } from './response-reader.ts'
import { unsaid } from './response-head.ts'

/** The longest that connecting may take. */
const connectMs = 3_000
/** What is read at once: most answers lie in it whole. */
const readBytes = 64 * 1024
/** How long an idle connection is kept whose server says nothing; below the 5 seconds of Node's servers. */
const idleMs = 4_000
/** A server closes at the time that it says, so a client must be earlier by more than its request is on the way. */
const idleMarginMs = 1_000

/** Whom a connection tells what happens to it. */
export interface ConnectionOwner {
  /** It can be sent on for the first time. */
  opened(connection: Connection): void
  /** Its call is answered; whether it can be sent on again. */
  answered(connection: Connection, call: Call, reusable: boolean): void
  /** It is no more; its call, if it had one, has no answer. */
  left(connection: Connection, call: Call | null, reason: Error): void
}

/** One socket to a server, with at most one call at a time. */
export class Connection {
  /** When it must not be used any more, in the time of `performance.now`; set while it is idle. */
  idleUntil = 0
  /** How long it may be idle after its last answer. */
  idleForMs = idleMs
  readonly #reader: ResponseReader
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #connectTimer: NodeJS.Timeout
  #call: Call | null = null
  #isEarly = false
  #hasLeft = false

  constructor(to: NetConnectOpts, owner: ConnectionOwner, memory: BodyMemory) {
    this.#owner = owner
    this.#reader = new ResponseReader(memory)
    // Read into one piece of memory again and again: what comes is only there during the callback.
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    const callback = (length: number): boolean => {
      this.#read(buffer, length)
      return true
    }
    this.#socket = connect({ ...to, noDelay: true, onread: { buffer, callback } })
      .on('connect', () => {
        clearTimeout(this.#connectTimer)
        owner.opened(this)
      })
      .on('end', () => this.#end())
      .on('error', (error) => this.leave(error))
      .on('close', () => this.leave(new Error('the connection was closed')))
    this.#connectTimer = setTimeout(() => this.leave(new Error('connecting took too long')), connectMs)
  }

  send(call: Call): void {
    this.#call = call
    call.connection = this
    this.#isEarly = false
    this.#reader.begin()
    this.#socket.write(call.text, call.encoding)
  }

  /** While it is idle it keeps no process alive. */
  rest(now: number): void {
    this.idleUntil = now + this.idleForMs
    this.#socket.unref()
  }

  wake(): void {
    this.#socket.ref()
  }

  /** Destroys the socket; whatever comes of it later belongs to nobody. */
  leave(reason: Error): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    clearTimeout(this.#connectTimer)
    this.#socket.destroy()
    this.#reader.begin()
    const call = this.#call
    this.#call = null
    this.#owner.left(this, call, reason)
  }

  #read(bytes: Buffer, length: number): void {
    if (this.#hasLeft) return
    const call = this.#call
    if (call === null) {
      this.leave(new Error('an answer to nobody'))
      return
    }
    // An answer to a part of a request; what follows on this connection would be uncertain.
    if (this.#socket.writableLength > 0) this.#isEarly = true
    try {
      if (this.#reader.read(bytes, length)) this.#answer(call)
    } catch (error) {
      this.leave(error instanceof Error ? error : new Error('the answer cannot be read', { cause: error }))
    }
  }

  #end(): void {
    if (this.#call !== null && this.#reader.close()) this.#answer(this.#call)
    else this.leave(new Error('the connection was closed before the answer was whole'))
  }

  #answer(call: Call): void {
    const { status, text, persistent, idleSeconds } = this.#reader
    this.#call = null
    this.idleForMs = idleSeconds === unsaid ? idleMs : Math.min(idleMs, idleSeconds * 1_000 - idleMarginMs)
    const reusable = persistent && !this.#isEarly && this.idleForMs > 0
    // The text is the caller's alone from now on: a connection may be idle for long.
    this.#reader.begin()
    this.#owner.answered(this, call, reusable)
    call.answer(status, text)
  }
}
