import type { Socket } from 'node:net'
import { FrameReader } from './frame-reader.ts'
import { encodeReply, parseRequest, ProtocolError, type Request } from './message.ts'

export type ConnectionHandler = {
  /** Answers one command with a BSON document; never rejects for what a client can cause. */
  answer(request: Request): Promise<Uint8Array>
  closed(): void
}

export type ConnectionOptions = {
  handler: ConnectionHandler
  /** Told why a connection was closed by this side. */
  onFault: (reason: string) => void
}

/** Unread requests of one connection beyond this many stop its socket until they are answered. */
const pipelineLimit = 64

/** Serves one socket: requests in order, one at a time, as MongoDB does. */
export function serveConnection(socket: Socket, { handler, onFault }: ConnectionOptions): void {
  const reader = new FrameReader()
  const waiting: Buffer[] = []
  let busy = false
  let replyId = 0

  const fail = (error: unknown): void => {
    onFault(error instanceof Error ? error.message : String(error))
    socket.destroy()
  }

  const work = async (): Promise<void> => {
    busy = true
    for (let bytes = waiting.shift(); bytes !== undefined && !socket.destroyed; bytes = waiting.shift()) {
      const request = parseRequest(bytes)
      const reply = await handler.answer(request)
      if (!request.silent && !socket.destroyed) {
        const flushed = socket.write(encodeReply(request, ++replyId, reply))
        // A client that does not read its replies must not make this process hold them.
        if (!flushed) await drained(socket)
      }
      if (waiting.length < pipelineLimit) socket.resume()
    }
    busy = false
  }

  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const message of reader.push(chunk)) waiting.push(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      fail(error)
      return
    }
    if (waiting.length >= pipelineLimit) socket.pause()
    if (!busy) work().catch(fail)
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    waiting.length = 0
    handler.closed()
  })
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}
