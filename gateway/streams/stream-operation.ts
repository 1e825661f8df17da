import { type DocumentNode, OperationTypeNode } from 'graphql'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import { selectOperation } from '../operation/parse-operation.ts'
import type { Identity } from '../request.ts'
import type { OpenStream, PrintedAnswer } from './stream-reader.ts'

/** The gateway as stream fronts use it: what they need of the pipeline and the supergraph, given by the server. */
export interface StreamBackend<Snapshot> {
  /** The graph that a new operation begins with; a promise where it is made first. */
  readonly snapshot: () => Snapshot | Promise<Snapshot>
  /** The text of the document that is asked for, by itself or by its hash. Throws a coded error. */
  textOf(identity: Identity, params: OperationParams): Promise<string>
  /** Takes the price of a document that has not run before; throws when the app cannot pay it now. */
  admit(identity: Identity, text: string): Promise<void>
  /** Parses and validates a text, once. Throws a coded error. */
  documentOf(snapshot: Snapshot, text: string): DocumentNode
  execute(operation: StreamOperation<Snapshot>): Promise<StreamAnswer>
  subscribe(operation: StreamOperation<Snapshot>): Promise<StreamAnswer | OpenStream>
}

export interface StreamOperation<Snapshot> {
  readonly snapshot: Snapshot
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly identity: Identity
  /** The cursor that the client goes on after, where its protocol says it and not the operation. */
  readonly after: string | undefined
  readonly signal: AbortSignal
}

/** One answer: to what is no subscription, or why there is no stream. */
export interface StreamAnswer extends PrintedAnswer {
  /** Undefined when the operation was refused before it ran. */
  readonly dataText: string | undefined
  readonly errors: readonly CodedError[]
}

/** An operation as a client sends it over any stream protocol. */
export interface OperationParams {
  readonly query?: string | undefined
  readonly documentId?: string | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  /** The cursor to go on after, for example of SSE's `Last-Event-ID`; it wins over the operation's own `after`. */
  readonly after?: string | undefined
  /** The protocol's method may change nothing, as that of a GET. */
  readonly changesNothing?: boolean
}

/** Runs one operation of a stream front: subscriptions as a stream, queries and mutations as one answer. */
export type StreamRunner = (
  params: OperationParams,
  identity: Identity,
  signal: AbortSignal,
) => Promise<StreamAnswer | OpenStream>

/** What all stream fronts have in common: the document, then the pipeline. */
export function createStreamRunner<Snapshot>(backend: StreamBackend<Snapshot>): StreamRunner {
  return async (params, identity, signal) => {
    try {
      const text = await backend.textOf(identity, params)
      await backend.admit(identity, text)
      const snapshot = await backend.snapshot()
      const document = backend.documentOf(snapshot, text)
      const operationName = params.operationName ?? undefined
      const variables = params.variables ?? {}
      const { after } = params
      const operation = { snapshot, document, operationName, variables, identity, after, signal }
      const { operation: type } = selectOperation(document, operationName)
      if (type === OperationTypeNode.MUTATION && params.changesNothing) {
        throw new CodedError('BAD_REQUEST', 'A GET runs no mutations: send a POST.')
      }
      return type === OperationTypeNode.SUBSCRIPTION
        ? await backend.subscribe(operation)
        : await backend.execute(operation)
    } catch (error) {
      if (isCodedError(error)) return refusedAnswer(error)
      throw error
    }
  }
}

/** The answer to an operation that did not run. */
export function refusedAnswer(error: CodedError): StreamAnswer {
  const errors = [error]
  return { dataText: undefined, errors, body: JSON.stringify({ errors }) }
}
