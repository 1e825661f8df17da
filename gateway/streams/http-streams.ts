import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LiveIdentity } from '../request.ts'
import { Heartbeats, heartbeatMs } from './heartbeats.ts'
import { HttpStream, type StreamDialect } from './http-stream.ts'
import { WriteTurns } from './outlet.ts'
import { serverClosing } from './server-closing.ts'
import type { OperationParams, StreamAnswer, StreamRunner } from './stream-operation.ts'
import { isStream } from './stream-reader.ts'

const closeTimeoutMs = 5_000

/** Opens streams of one dialect as bodies of responses, and knows those that are open. */
export interface HttpStreams {
  /**
   * Runs an operation for a request. Null when it is answered by a stream, which has begun then; else the one answer,
   * of which nothing is sent yet. Throws a coded error when nobody knows who asks.
   */
  open(
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
    params: OperationParams,
    headers: readonly string[],
  ): Promise<StreamAnswer | null>
  /** Sends an answer as a stream of one. */
  answer(response: ServerResponse, answer: StreamAnswer, headers: readonly string[]): void
  /** Tells every reader to go on elsewhere, and from where; resolves when all of it is sent. */
  close(): Promise<void>
}

export interface HttpStreamsOptions {
  /** Identifies who asks, and tells what becomes of them until it is released. */
  readonly watch: (request: IncomingMessage) => Promise<LiveIdentity>
  readonly run: StreamRunner
  readonly beatMs?: number
}

export function createHttpStreams(
  dialect: StreamDialect,
  { watch, run, beatMs = heartbeatMs }: HttpStreamsOptions,
): HttpStreams {
  const turns = new WriteTurns()
  const heartbeats = new Heartbeats(beatMs)
  const streams = new Set<HttpStream>()
  let closing = false
  const emptied: (() => void)[] = []

  const closed = (stream: HttpStream): void => {
    streams.delete(stream)
    if (streams.size === 0) for (const tell of emptied.splice(0)) tell()
  }
  const begin = (response: ServerResponse, headers: readonly string[]): HttpStream => {
    const stream = new HttpStream(response, { dialect, turns, heartbeats, headers }, closed)
    streams.add(stream)
    return stream
  }

  return {
    async open({ request, response }, params, headers) {
      if (closing) throw serverClosing(null)
      const live = await watch(request)
      let gone: AbortController | null = new AbortController()
      response.once('close', () => {
        live.release()
        gone?.abort()
      })
      // A client that left while it was looked up has closed already.
      if (response.destroyed) {
        live.release()
        gone.abort()
      }
      const result = await run(params, { ...live.current, live }, gone.signal)
      if (!isStream(result)) return result
      gone = null
      if (response.destroyed) result.close()
      else if (closing) {
        result.close()
        throw serverClosing(null)
      } else begin(response, headers).follow(result)
      return null
    },
    answer(response, answer, headers) {
      if (!response.destroyed) begin(response, headers).answer(answer)
    },
    async close() {
      closing = true
      for (const stream of streams) stream.leave(serverClosing)
      // Who does not read what it is told does not keep the gateway either.
      const patience = setTimeout(() => streams.forEach((stream) => stream.abandon()), closeTimeoutMs)
      if (streams.size > 0) await new Promise<void>((resolve) => emptied.push(resolve))
      clearTimeout(patience)
      heartbeats.close()
    },
  }
}
