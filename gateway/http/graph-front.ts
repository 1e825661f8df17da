import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql'
import type { CancelSignal } from '../../kit/cancellation.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { DocumentStore } from '../operation/document-store.ts'
import type { CachePolicy } from '../operation/cache-policy.ts'
import { DocumentFault, selectOperation } from '../operation/parse-operation.ts'
import type { PersistedDocuments } from '../operation/persisted-documents.ts'
import type { Arrival, Identity } from '../request.ts'
import { arrivalOf } from './arrival.ts'
import { cachingHeaders, etagOf, hasAlready } from './caching-headers.ts'
import type { CrossOrigin } from './cross-origin.ts'
import { Departure } from './departure.ts'
import type { GraphParams } from './graph-params.ts'
import { HttpRefusal, retryAfter, statusOf } from './http-refusal.ts'
import { PartedResponse, acceptsParts } from './parted-response.ts'
import { type Received, paramsOf, receiveRequest } from './receive-request.ts'
import { sendAnswer } from './send-answer.ts'
import type { Turns } from './turns.ts'

/** What a front needs of an answer. */
export interface FrontAnswer {
  /** The whole answer as JSON. */
  readonly body: string
  /** Its data as JSON; undefined when the operation was refused. */
  readonly dataText: string | undefined
  readonly errors: readonly CodedError[]
  /** Headers that tell how limits stand. */
  readonly limitHeaders: Readonly<Record<string, string>>
  /** How long and by whom it may be kept; null when it must not be. */
  readonly caching: CachePolicy | null
}

/** One version of the graph, as far as a front looks into it. */
export interface FrontSnapshot {
  /** What operations are validated against. */
  readonly apiSchema: GraphQLSchema
}

export interface FrontOperation<Snapshot extends FrontSnapshot> {
  readonly snapshot: Snapshot
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly identity: Identity
  readonly requestId: string
  readonly arrival: Arrival
  /** Ends when the client is gone before its answer. */
  readonly signal: CancelSignal
  /** Ends it for another reason. */
  abort(reason: unknown): void
}

/** Operations of clients that want subscriptions answered in parts. */
interface FrontStreams {
  accepts(accept: string | undefined): boolean
  /** Null when a stream has begun, which is the answer then. */
  open(
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
    params: GraphParams,
    headers: readonly string[],
  ): Promise<Pick<FrontAnswer, 'body' | 'dataText' | 'errors'> | null>
}

/** Sends one payload of an answer in parts; the first takes headers about limits with it. */
type SendPart = (payload: string, limitHeaders: () => Readonly<Record<string, string>>) => void

/** The gateway as the front uses it, given by the server. */
export interface GraphFrontOptions<Snapshot extends FrontSnapshot> {
  /** The graph that a new request begins with; a promise where it is made first. */
  readonly snapshot: () => Snapshot | Promise<Snapshot>
  readonly identify: (request: IncomingMessage) => Promise<Identity>
  /** Takes the price of a document that has not run before; throws when the app cannot pay it now. */
  readonly admit: (identity: Identity, text: string) => Promise<void>
  readonly execute: (operation: FrontOperation<Snapshot>) => Promise<FrontAnswer>
  /** The same where what is deferred may be sent in parts; null when it was. */
  readonly executeInParts: (operation: FrontOperation<Snapshot>, send: SendPart) => Promise<FrontAnswer | null>
  readonly streams: FrontStreams
  readonly persisted: PersistedDocuments
  readonly documents: DocumentStore
  readonly crossOrigin: CrossOrigin
  readonly compression: boolean
  /** When operations run; reading a request needs no turn, for a slow client must not hold one. */
  readonly turns: Turns
  readonly log: Logger
}

export type GraphFront = (request: IncomingMessage, response: ServerResponse) => void

const methods = 'GET, POST, OPTIONS'

/**
 * GraphQL over HTTP on a plain Node handler: nothing stands between the socket and the pipeline that a request does
 * not need. docs/http.md says what is taken and answered.
 */
export function createGraphFront<Snapshot extends FrontSnapshot>(options: GraphFrontOptions<Snapshot>): GraphFront {
  const { crossOrigin } = options

  const answer = async (request: IncomingMessage, response: ServerResponse, received: Received): Promise<void> => {
    const requestId = randomUUID()
    const { media } = received
    let found: FrontAnswer | null
    const parted =
      request.method === 'POST' && acceptsParts(request.headers.accept) ? new PartedResponse(response) : null
    try {
      const params = paramsOf(request, received)
      if (received.streamed) {
        const headers = ['x-request-id', requestId, ...crossOrigin.headersFor(request)]
        const answered = await options.streams.open({ request, response }, params, headers)
        if (answered === null) return
        const { body, dataText, errors } = answered
        found = { body, dataText, errors, limitHeaders: {}, caching: null }
      } else {
        const { arrivedMs } = received
        found = await run(options, request, { params, response, requestId, arrivedMs, parted })
      }
    } catch (error) {
      if (parted?.begun) throw error
      found = refusal(error, { requestId, request, log: options.log })
    }
    if (found === null) return parted?.end()
    if (response.destroyed) return
    const [first] = found.errors
    const refused = found.dataText === undefined ? first : undefined
    const headers = [
      'content-type',
      `${media ?? 'application/json'}; charset=utf-8`,
      'x-request-id',
      requestId,
      ...crossOrigin.headersFor(request),
    ]
    for (const name in found.limitHeaders) headers.push(name, found.limitHeaders[name] ?? '')
    if (request.method === 'GET') {
      const etag = found.caching && found.dataText !== undefined ? etagOf(found.dataText) : null
      headers.push(...cachingHeaders(found.caching, etag))
      if (etag !== null && hasAlready(request.headers['if-none-match'], etag)) {
        response.writeHead(304, headers).end()
        return
      }
    }
    if (refused !== undefined) pushRefusal(headers, refused)
    const status = found.dataText === undefined ? statusOf(refused, media) : 200
    const acceptEncoding = options.compression ? request.headers['accept-encoding'] : undefined
    await sendAnswer(response, { status, headers, body: found.body }, headerText(acceptEncoding))
  }

  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, ['allow', methods, ...crossOrigin.preflightFor(request)]).end()
      return
    }
    receiveRequest(request, { methods, streams: options.streams })
      .then((received) =>
        options.turns.run(async () => {
          // A client may have left while it waited.
          if (!response.destroyed) await answer(request, response, received)
        }),
      )
      .catch((error: unknown) => {
        options.log.error({ err: error }, 'an answer could not be sent')
        response.destroy()
      })
  }
}

async function run<Snapshot extends FrontSnapshot>(
  options: GraphFrontOptions<Snapshot>,
  request: IncomingMessage,
  { params, response, requestId, arrivedMs, parted }: RunContext,
): Promise<FrontAnswer | null> {
  const identity = await options.identify(request)
  const { text, keep } = await options.persisted.find(identity, params)
  await options.admit(identity, text)
  const found = options.snapshot()
  const snapshot = found instanceof Promise ? await found : found
  const document = options.documents.documentOf(snapshot.apiSchema, text)
  keep?.()
  if (request.method === 'GET') refuseOtherThanQuery(document, params.operationName)
  const arrival = arrivalOf(request.headers, arrivedMs)
  const operation = new Operation({ snapshot, document, params, identity, requestId, arrival, response })
  if (parted === null) return options.execute(operation)
  return options.executeInParts(operation, (payload, limitHeaders) =>
    parted.send(payload, () => [
      'x-request-id',
      requestId,
      ...options.crossOrigin.headersFor(request),
      ...Object.entries(limitHeaders()).flat(),
    ]),
  )
}

interface RunContext {
  readonly params: GraphParams
  readonly response: ServerResponse
  readonly requestId: string
  readonly arrivedMs: number
  /** For clients that take what is deferred in parts. */
  readonly parted: PartedResponse | null
}

/** A class, because an object literal with a method that is its own gets one made per request. */
class Operation<Snapshot extends FrontSnapshot> implements FrontOperation<Snapshot> {
  readonly snapshot: Snapshot
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly identity: Identity
  readonly requestId: string
  readonly arrival: Arrival
  readonly signal: Departure

  constructor(
    operation: Pick<FrontOperation<Snapshot>, 'snapshot' | 'document' | 'identity' | 'requestId' | 'arrival'> & {
      readonly params: GraphParams
      readonly response: ServerResponse
    },
  ) {
    this.snapshot = operation.snapshot
    this.document = operation.document
    this.identity = operation.identity
    this.requestId = operation.requestId
    this.arrival = operation.arrival
    this.operationName = operation.params.operationName
    this.variables = operation.params.variables
    this.signal = new Departure(operation.response)
  }

  abort(reason: unknown): void {
    this.signal.abort(reason)
  }
}

function refuseOtherThanQuery(document: DocumentNode, operationName: string | undefined): void {
  const { operation } = selectOperation(document, operationName)
  if (operation === OperationTypeNode.QUERY) return
  throw new HttpRefusal(405, `A GET runs queries only, and this is a ${operation}: send a POST.`, {
    headers: { allow: 'POST' },
  })
}

function pushRefusal(headers: string[], error: CodedError): void {
  const later = retryAfter(error)
  if (later !== undefined) headers.push('retry-after', later)
  if (error instanceof HttpRefusal) for (const name in error.headers) headers.push(name, error.headers[name] ?? '')
}

/** The one shape of errors: coded ones as they are, anything else as INTERNAL with its cause logged. */
function refusal(
  error: unknown,
  { requestId, request, log }: { readonly requestId: string; readonly request: IncomingMessage; readonly log: Logger },
): FrontAnswer {
  let coded: CodedError
  if (isCodedError(error)) coded = error
  else {
    coded = new CodedError('INTERNAL', 'Something went wrong on our side.', { requestId })
    // A client that left in the middle of its request is its own affair.
    if (!request.destroyed) log.error({ err: error, requestId }, 'a request failed')
  }
  const errors = coded instanceof DocumentFault ? coded.all : [coded]
  return {
    body: JSON.stringify({ errors }),
    dataText: undefined,
    errors,
    limitHeaders: {},
    caching: null,
  }
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',')
}
