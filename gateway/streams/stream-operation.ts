import { type DocumentNode, type ExecutionResult, type GraphQLSchema, OperationTypeNode } from 'graphql'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import { SlowReaderError } from '../../kit/events.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { selectOperation } from '../operation/parse-operation.ts'
import type { Identity } from '../request.ts'

/** The gateway as stream fronts use it: what they need of the pipeline and the supergraph, given by the server. */
export interface StreamBackend {
  /** The schema that operations are validated against now. */
  readonly schema: () => GraphQLSchema
  /** The text of the document that is asked for, by itself or by its hash. Throws a coded error. */
  textOf(identity: Identity, params: OperationParams): Promise<string>
  /** Takes the price of a document that has not run before; throws when the app cannot pay it now. */
  admit(identity: Identity, text: string): Promise<void>
  /** Parses and validates a text, once. Throws a coded error. */
  documentOf(schema: GraphQLSchema, text: string): DocumentNode
  execute(operation: StreamOperation): Promise<StreamAnswer>
  subscribe(operation: StreamOperation): Promise<StreamAnswer | AsyncIterableIterator<StreamAnswer, undefined>>
}

export interface StreamOperation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly identity: Identity
  readonly signal: AbortSignal
}

export interface StreamAnswer {
  readonly data?: Record<string, unknown> | null | undefined
  readonly errors: readonly CodedError[]
  readonly extensions: Readonly<Record<string, unknown>>
}

/** An operation as a client sends it over any stream protocol. */
export interface OperationParams {
  readonly query?: string | undefined
  readonly documentId?: string | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/** Runs one operation of a stream front: subscriptions as a feed, queries and mutations as one result. */
export type StreamRunner = (
  params: OperationParams,
  identity: Identity,
  signal: AbortSignal,
) => Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult, undefined>>

/** What graphql-ws and SSE have in common: the document, then the pipeline. */
export function createStreamRunner(backend: StreamBackend): StreamRunner {
  return async (params, identity, signal) => {
    try {
      const text = await backend.textOf(identity, params)
      await backend.admit(identity, text)
      const schema = backend.schema()
      const document = backend.documentOf(schema, text)
      const operationName = params.operationName ?? undefined
      const variables = params.variables ?? {}
      const operation = { schema, document, operationName, variables, identity, signal }
      if (selectOperation(document, operationName).operation !== OperationTypeNode.SUBSCRIPTION) {
        return toResult(await backend.execute(operation))
      }
      const answers = await backend.subscribe(operation)
      if (Symbol.asyncIterator in answers) return withCodedFailure(mapFeed(answers, toResult))
      return toResult(answers)
    } catch (error) {
      if (isCodedError(error)) return { errors: [error] }
      throw error
    }
  }
}

function toResult({ data, errors, extensions }: StreamAnswer): ExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors.length > 0 ? { errors } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
  }
}

/** A feed that breaks ends with a coded error: the client is told that events are missing, and not why inside. */
function withCodedFailure(
  feed: AsyncIterableIterator<ExecutionResult, undefined>,
): AsyncIterableIterator<ExecutionResult, undefined> {
  return {
    next: () =>
      feed.next().catch((error: unknown) => {
        throw codedFailure(error)
      }),
    async return() {
      await feed.return?.()
      return { done: true, value: undefined }
    },
    async throw(error: unknown) {
      await feed.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function codedFailure(error: unknown): CodedError {
  if (isCodedError(error)) return error
  const coded =
    error instanceof SlowReaderError
      ? new CodedError('READER_TOO_SLOW', 'The stream was closed because events were not read fast enough.')
      : new CodedError('INTERNAL', 'The stream was interrupted; subscribe again.')
  coded.cause = error
  return coded
}
