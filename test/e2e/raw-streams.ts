import { once } from 'node:events'
import { WebSocket } from 'ws'

/** What became of an open stream of a client that knows the protocol's bare messages. */
export interface StreamEnd {
  /** The code of the last error, and of the socket where one was closed. */
  readonly error: unknown
  readonly closed: number | null
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface RawStream extends AsyncDisposable {
  /** Resolves with the first event; rejects with the code of what came in its place. */
  readonly first: Promise<void>
  readonly end: Promise<StreamEnd>
}

interface Message {
  readonly type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what a server sends is asserted on, not typed
  readonly payload?: any
}

/** Opens a subscription over graphql-ws; `init` is what a client says of itself. */
export async function openRawWebSocket(url: string, init: object, query: string): Promise<RawStream> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  let error: unknown = null
  const first = deferred<void>()
  const end = deferred<StreamEnd>()
  socket.on('message', (data: Buffer) => {
    const { type, payload } = JSON.parse(data.toString()) as Message
    if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
    if (type === 'next') first.resolve()
    if (type !== 'error') return
    error = payload[0].extensions.code
    first.reject(new Error(String(error)))
  })
  socket.once('close', (closed) => {
    first.reject(new Error(String(error)))
    end.resolve({ error, closed, at: Date.now() })
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: init }))
  return {
    first: first.promise,
    end: end.promise,
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}

/** Opens a subscription as an event stream. */
export async function openRawEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  query: string,
): Promise<RawStream> {
  const left = new AbortController()
  const response = await fetch(`${url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query }),
    signal: left.signal,
  })
  const first = deferred<void>()
  const end = deferred<StreamEnd>()
  const read = async (): Promise<void> => {
    let error: unknown = null
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = /^data: (\{.*\})$/m.exec(event)?.[1]
        if (data === undefined) continue
        const { errors } = JSON.parse(data) as { errors?: { extensions: { code: string } }[] }
        if (errors === undefined) first.resolve()
        else error = errors[0]?.extensions.code
      }
    }
    first.reject(new Error(String(error)))
    end.resolve({ error, closed: null, at: Date.now() })
  }
  read().catch((reason: unknown) => end.reject(reason))
  return {
    first: first.promise,
    end: end.promise,
    async [Symbol.asyncDispose]() {
      left.abort()
    },
  }
}

function deferred<Value>() {
  const handles: { resolve: (value: Value) => void; reject: (reason: unknown) => void }[] = []
  const promise = new Promise<Value>((resolve, reject) => handles.push({ resolve, reject }))
  // Not everybody waits for both.
  promise.catch(() => undefined)
  return {
    promise,
    resolve: (value: Value) => handles[0]?.resolve(value),
    reject: (reason: unknown) => handles[0]?.reject(reason),
  }
}
