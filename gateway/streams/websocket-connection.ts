import type { Duplex } from 'node:stream'
import { CloseCode, type Message, MessageType, type SubscribePayload, validateMessage } from 'graphql-ws'
import type { RawData, WebSocket } from 'ws'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Identity, LiveIdentity } from '../request.ts'
import type { EventBytes } from './event-bytes.ts'
import { Outlet, type WriteTurns } from './outlet.ts'
import { type StreamAnswer, type StreamRunner, refusedAnswer } from './stream-operation.ts'
import { type OpenStream, type StreamReader, isStream } from './stream-reader.ts'
import { messageFrame, nextFrame, nextPrefix, pingFrame } from './websocket-frame.ts'

/** Operations that one socket carries at a time. */
export const maxOperations = 100
/** Longer identifiers would only cost memory: clients use numbers or UUIDs. */
const maxIdLength = 256

/** RFC 6455's close code for an outage: clients retry it, while 4403 tells them that their key is wrong. */
const tryAgainLater = 1013

export type InitPayload = Readonly<Record<string, unknown>> | undefined

/** Who may be behind a socket, by what its client says of itself first. */
export interface SocketDoor {
  readonly identify: (payload: InitPayload) => Promise<Identity>
  /** Identifies, and tells what becomes of the caller until it is released. */
  readonly watch: (payload: InitPayload) => Promise<LiveIdentity>
}

export interface ConnectionOptions {
  readonly run: StreamRunner
  readonly bytesOf: EventBytes
  readonly turns: WriteTurns
  readonly log: Logger
}

/** An operation of a socket; what is not there yet is being opened. */
interface Operation {
  readonly gone: AbortController | null
  reader: StreamReader | null
  /** Of the last event that was sent. */
  cursor: string | null
}

/**
 * One socket that speaks `graphql-transport-ws`, after the protocol's own words. A class without closures of its own,
 * because there are tens of thousands of them, nearly all idle.
 */
export class WebSocketConnection {
  readonly #webSocket: WebSocket
  readonly #door: SocketDoor
  readonly #options: ConnectionOptions
  readonly #outlet: Outlet
  readonly #operations = new Map<string, Operation>()
  #init: { readonly payload: InitPayload } | null = null
  #live: LiveIdentity | null = null
  #over = false

  /** `socket` is what `webSocket` stands on; whole frames are written to it directly. */
  constructor(webSocket: WebSocket, socket: Duplex, { door, ...options }: { door: SocketDoor } & ConnectionOptions) {
    this.#webSocket = webSocket
    this.#door = door
    this.#options = options
    this.#outlet = new Outlet(socket, options.turns, () => this.#drained())
    webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary))
  }

  /** Whether the client has said who it is. */
  get hasBegun(): boolean {
    return this.#init !== null
  }

  ping(): void {
    if (!this.#over) this.#outlet.write(pingFrame)
  }

  /** Tells each operation why it must end, and the cursor of the last event that it was sent; then closes the socket. */
  leave(reasonAt: (cursor: string | null) => CodedError, code: number): void {
    for (const [id, operation] of this.#operations) {
      this.#end(operation)
      this.#tell({ id, type: MessageType.Error, payload: [reasonAt(operation.cursor)] })
    }
    this.#operations.clear()
    this.close(code, reasonAt(null).message)
  }

  /** Closes with what the protocol has for it. Reasons longer than a close frame may hold are cut. */
  close(code: number, reason: string): void {
    if (this.#over) return
    this.#outlet.flush()
    this.#webSocket.close(code, cutReason(reason))
    this.closed()
  }

  /** The socket is closing or gone: lets go of all that it held. */
  closed(): void {
    if (this.#over) return
    this.#over = true
    this.#live?.release()
    for (const operation of this.#operations.values()) this.#end(operation)
    this.#operations.clear()
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#over) return
    // Answers to one who does not read them would pile up.
    if (this.#outlet.isFull()) this.#webSocket.pause()
    const message = isBinary ? null : readMessage(data)
    if (message === null) return this.close(CloseCode.BadRequest, 'Invalid message received')
    switch (message.type) {
      case MessageType.ConnectionInit:
        return this.#begin(message.payload)
      case MessageType.Ping:
        return this.#tell(message.payload ? { type: MessageType.Pong, payload: message.payload } : pong)
      case MessageType.Pong:
        return undefined
      case MessageType.Subscribe:
        return this.#subscribe(message.id, message.payload)
      case MessageType.Complete:
        return this.#complete(message.id)
      default:
        return this.close(CloseCode.BadRequest, `Unexpected message of type ${message.type} received`)
    }
  }

  #begin(payload: InitPayload): void {
    if (this.#init !== null)
      return this.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    this.#init = { payload }
    this.#door.watch(payload).then(
      (live) => this.#acknowledge(live),
      (error: unknown) => this.#refuse(error),
    )
  }

  #acknowledge(live: LiveIdentity): void {
    if (this.#over) return live.release()
    this.#live = live
    live.listen(() => {
      const { ended } = live
      // Open streams are told first, each by itself.
      if (ended !== null) setImmediate(() => this.#refuse(ended))
    })
    this.#tell(acknowledgement)
  }

  #refuse(error: unknown): void {
    if (!isCodedError(error)) {
      this.#options.log.error({ err: error }, 'a caller could not be looked up')
      return this.close(CloseCode.InternalServerError, 'Internal server error')
    }
    // 4403 is final for clients; an outage is not.
    const final = error.code === 'UNAUTHENTICATED' || error.code === 'PLAN_FORBIDS'
    this.close(final ? CloseCode.Forbidden : tryAgainLater, error.message)
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (this.#live === null) return this.close(CloseCode.Unauthorized, 'Unauthorized')
    if (id.length > maxIdLength) return this.close(CloseCode.BadRequest, `An id has at most ${maxIdLength} characters`)
    if (this.#operations.has(id)) {
      return this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`)
    }
    if (this.#operations.size >= maxOperations) {
      const refusal = new CodedError('THROTTLED', `A socket carries at most ${maxOperations} operations at a time.`)
      return this.#tell({ id, type: MessageType.Error, payload: [refusal] })
    }
    const operation: Operation = { gone: new AbortController(), reader: null, cursor: null }
    this.#operations.set(id, operation)
    void this.#run(id, operation, payload)
  }

  async #run(id: string, operation: Operation, payload: SubscribePayload): Promise<void> {
    const result = await this.#answer(payload, operation)
    const isOpen = this.#operations.get(id) === operation
    if (!isStream(result)) {
      if (!isOpen) return
      this.#operations.delete(id)
      if (result.dataText === undefined) return this.#tell({ id, type: MessageType.Error, payload: result.errors })
      this.#outlet.write(nextFrame(nextPrefix(id), Buffer.from(result.body)))
      return this.#tell({ id, type: MessageType.Complete })
    }
    if (isOpen) this.#read(id, result)
    else result.close()
  }

  /** Who calls is asked for each operation, so that a key revoked after the socket was opened begins nothing more. */
  async #answer(payload: SubscribePayload, { gone }: Operation): Promise<StreamAnswer | OpenStream> {
    try {
      const identity = await this.#door.identify(this.#init?.payload)
      const live = this.#live
      const signal = gone?.signal ?? AbortSignal.abort()
      return await this.#options.run(payload, live ? { ...identity, live } : identity, signal)
    } catch (error) {
      if (isCodedError(error)) return refusedAnswer(error)
      this.#options.log.error({ err: error }, 'an operation of a socket failed')
      return refusedAnswer(new CodedError('INTERNAL', 'Something went wrong on our side.'))
    }
  }

  #read(id: string, stream: OpenStream): void {
    const prefix = nextPrefix(id)
    // Without the controller, which is needed no longer and large.
    const operation: Operation = { gone: null, reader: null, cursor: null }
    this.#operations.set(id, operation)
    const isOpen = (): boolean => this.#operations.get(id) === operation
    const reader = stream.read({
      send: (event) => {
        if (!isOpen()) return false
        operation.cursor = event.cursor
        return this.#outlet.write(nextFrame(prefix, this.#options.bytesOf(event)))
      },
      end: (reason) => {
        if (!isOpen()) return
        this.#operations.delete(id)
        if (reason === null) this.#tell({ id, type: MessageType.Complete })
        else this.#tell({ id, type: MessageType.Error, payload: [reason] })
      },
    })
    if (isOpen()) operation.reader = reader
  }

  #complete(id: string): void {
    const operation = this.#operations.get(id)
    if (operation === undefined) return
    this.#operations.delete(id)
    this.#end(operation)
  }

  #end({ gone, reader }: Operation): void {
    gone?.abort()
    reader?.close()
  }

  #drained(): void {
    if (this.#over) return
    this.#webSocket.resume()
    for (const { reader } of this.#operations.values()) reader?.drained()
  }

  #tell(message: object): void {
    if (!this.#over) this.#outlet.write(messageFrame(message))
  }
}

const acknowledgement = { type: MessageType.ConnectionAck }
const pong = { type: MessageType.Pong }

function readMessage(data: RawData): Message | null {
  try {
    // `ws` gives other kinds of data only where it is told to.
    return validateMessage(JSON.parse((data as Buffer).toString()))
  } catch {
    return null
  }
}

/** RFC 6455, section 5.5.1: 123 bytes. */
function cutReason(reason: string): string {
  const bytes = Buffer.from(reason)
  if (bytes.length <= 123) return reason
  // A character that is cut in two becomes one that marks that.
  return bytes
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD$/, '')
}
