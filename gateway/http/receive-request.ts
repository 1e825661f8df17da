import type { IncomingMessage } from 'node:http'
import { type AnswerMedia, acceptedMedia, isUtf8, readContentType } from './accepted-media.ts'
import { refuseForeignPages } from './cross-site.ts'
import { type GraphParams, paramsOfBody, paramsOfSearch } from './graph-params.ts'
import { HttpRefusal } from './http-refusal.ts'
import { readBody } from './read-body.ts'

/** A request as far as it was read. */
export interface Received {
  /** `performance.now()` when its head had come. */
  readonly arrivedMs: number
  /** Whether the client wants a subscription answered in parts. */
  readonly streamed: boolean
  /** What it takes an answer as; null when it takes nothing that there is. */
  readonly media: AnswerMedia | null
  /** Null where there is none to read, and where the request was refused. */
  readonly body: Buffer | null
  /** What was wrong with it; undefined when nothing was. */
  readonly fault: unknown
}

/** Reads a request to its end, before its turn comes; what is wrong with it is told when it has. */
export async function receiveRequest(
  request: IncomingMessage,
  {
    methods,
    streams,
  }: { readonly methods: string; readonly streams: { accepts(accept: string | undefined): boolean } },
): Promise<Received> {
  const arrivedMs = performance.now()
  const streamed = request.method === 'POST' && streams.accepts(request.headers.accept)
  let media: AnswerMedia | null = null
  try {
    if (request.method !== 'POST' && request.method !== 'GET') {
      throw new HttpRefusal(405, 'The graph takes GET and POST.', { headers: { allow: methods } })
    }
    refuseForeignPages(request.headers)
    media = acceptedMedia(request.headers.accept)
    if (media === null && !streamed) {
      throw new HttpRefusal(406, 'Answers are application/graphql-response+json or application/json.')
    }
    refuseContentType(request)
    const body = request.method === 'GET' ? null : await readBody(request)
    return { arrivedMs, streamed, media, body, fault: undefined }
  } catch (fault) {
    return { arrivedMs, streamed, media, body: null, fault }
  }
}

/** What is asked. Throws what is wrong with the request. */
export function paramsOf(request: IncomingMessage, { body, fault }: Received): GraphParams {
  if (fault !== undefined) throw fault
  if (body !== null) return paramsOfBody(body)
  const url = request.url ?? ''
  const at = url.indexOf('?')
  return paramsOfSearch(at < 0 ? '' : url.slice(at + 1))
}

function refuseContentType(request: IncomingMessage): void {
  const contentType = readContentType(request.headers['content-type'])
  if (request.method === 'GET') {
    if (contentType !== null && contentType.type !== 'application/json') {
      throw new HttpRefusal(415, 'A GET has no body: leave Content-Type out.')
    }
    return
  }
  if (contentType?.type !== 'application/json' || !isUtf8(contentType.charset)) {
    throw new HttpRefusal(415, 'Send Content-Type: application/json, in UTF-8.', {
      headers: { 'accept-post': 'application/json; charset=utf-8' },
    })
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    // What a small body may unfold to is not worth a limit of its own.
    throw new HttpRefusal(415, 'Bodies are not taken compressed.', { headers: { 'accept-encoding': 'identity' } })
  }
}
