import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpStreamsOptions, createHttpStreams } from './http-streams.ts'
import { multipartDialect } from './multipart-dialect.ts'
import type { OperationParams, StreamAnswer } from './stream-operation.ts'

/** Multipart HTTP subscriptions on the path of the graph itself. */
export interface MultipartStreams {
  /** Whether a client wants subscriptions to be answered in parts: the only version of the protocol that there is. */
  accepts(accept: string | undefined): boolean
  /** Null when the stream has begun; else the one answer, of which nothing is sent yet. */
  open(
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
    params: OperationParams,
    headers: readonly string[],
  ): Promise<StreamAnswer | null>
}

export function createMultipartStreams(options: HttpStreamsOptions): MultipartStreams & { close(): Promise<void> } {
  const streams = createHttpStreams(multipartDialect, options)
  return { ...streams, accepts: (accept) => accept !== undefined && wanted.test(accept) }
}

const wanted = /\bmultipart\/mixed\s*;[^,]*\bsubscriptionSpec\s*=\s*"?1\.0"?/i
