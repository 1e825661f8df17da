import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  createSourceEventStream,
  execute,
  parse,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Connection } from 'mongoose'
import { type Background, type Outside, bindBackground } from './background.ts'
import type { Caller } from './caller.ts'
import { CodedError, isCodedError } from './errors.ts'
import { createEventCursors } from './event-cursor.ts'
import type { EventLog } from './events.ts'
import type { Logger } from './log.ts'
import { mapFeed } from './map-feed.ts'
import type { SecretPurpose } from './secrets.ts'
import { buildGuardedSchema } from './shield/guarded-schema.ts'
import type { SubgraphContext, SubgraphDefinition } from './subgraph-definition.ts'

/** One operation for a subgraph, as both transports carry it. */
export interface SubgraphRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly operationName?: string | undefined
  readonly caller: Caller
  readonly requestId: string
}

/** A GraphQL response as plain data: errors are formatted, and unknown ones are already INTERNAL. */
export interface SubgraphResult {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly GraphQLFormattedError[]
}

/** A running subgraph without any transport; in-process calls and the HTTP server both stand on it. */
export interface SubgraphService {
  readonly name: string
  readonly sdl: string
  readonly schema: GraphQLSchema
  /** What it does without being asked; `subgraphs/run-background.ts` runs it. */
  readonly background: Background
  execute(request: SubgraphRequest): Promise<SubgraphResult>
  /** Live results, each executed with a fresh context; a refusal is a single result with errors. */
  subscribe(request: SubgraphRequest): Promise<SubgraphResult | AsyncIterableIterator<SubgraphResult, undefined>>
}

export interface SubgraphDependencies {
  readonly connection: Connection
  readonly events: EventLog
  readonly log: Logger
  readonly now: () => Date
  readonly secretFor: (purpose: SecretPurpose) => Buffer
  /** Left out where the graph cannot be asked and nobody outside is called: then no worker runs. */
  readonly outside?: Outside | undefined
}

const parsedDocuments = 1_000

/** Builds a subgraph's guarded schema and models, and makes its indexes. */
export async function createSubgraphService<Models, Loaders>(
  definition: SubgraphDefinition<Models, Loaders>,
  dependencies: SubgraphDependencies,
): Promise<SubgraphService> {
  const { connection, events, log, now, secretFor, outside } = dependencies
  const models = definition.createModels({ connection, now, secretFor, outside })
  await definition.prepare(models)
  const { schema, settle } = buildGuardedSchema(definition)
  const cursors = createEventCursors(secretFor('cursor'))
  const documents = new LRUCache<string, DocumentNode | readonly GraphQLError[]>({ max: parsedDocuments })

  const contextOf = (request: SubgraphRequest): SubgraphContext<Models, Loaders> => ({
    caller: request.caller,
    requestId: request.requestId,
    models,
    loaders: definition.createLoaders(models, request.caller),
    events,
    cursors,
    connection,
    now,
  })
  const format = (error: GraphQLError, request: SubgraphRequest): GraphQLFormattedError =>
    formatError(error, request.requestId, (cause) =>
      log.error({ err: cause, requestId: request.requestId, path: error.path }, 'a resolver failed'),
    )
  const toResult = (result: ExecutionResult, request: SubgraphRequest): SubgraphResult => ({
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.errors ? { errors: result.errors.map((error) => format(error, request)) } : {}),
  })
  const documentOf = (query: string): DocumentNode | readonly GraphQLError[] => {
    let document = documents.get(query)
    if (document === undefined) {
      document = parseAndValidate(schema, query)
      documents.set(query, document)
    }
    return document
  }
  const executionArgs = (request: SubgraphRequest, document: DocumentNode, rootValue?: unknown) => ({
    schema,
    document,
    rootValue,
    contextValue: contextOf(request),
    variableValues: request.variables ?? null,
    operationName: request.operationName ?? null,
  })

  return {
    name: definition.name,
    sdl: definition.sdl,
    schema,
    background: bindBackground(definition, { models, events, connection, log, now }, outside),
    async execute(request) {
      const document = documentOf(request.query)
      if (!('kind' in document)) return { errors: document.map((error) => format(error, request)) }
      await settle(request.caller)
      return toResult(await execute(executionArgs(request, document)), request)
    },
    async subscribe(request) {
      const document = documentOf(request.query)
      if (!('kind' in document)) return { errors: document.map((error) => format(error, request)) }
      await settle(request.caller)
      const source = await createSourceEventStream(executionArgs(request, document))
      if (!isAsyncIterator(source)) return toResult(source as ExecutionResult, request)
      return mapFeed(source, async (event) => toResult(await execute(executionArgs(request, document, event)), request))
    },
  }
}

function parseAndValidate(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 20_000 })
    const errors = validate(schema, document)
    return errors.length > 0 ? errors : document
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

/** Coded errors leave as they are, faults of the request as BAD_REQUEST, anything unknown as INTERNAL with its cause logged. */
function formatError(
  error: GraphQLError,
  requestId: string,
  logCause: (cause: unknown) => void,
): GraphQLFormattedError {
  const cause = error.originalError ?? error
  const position = error.path === undefined ? {} : { path: error.path }
  if (isCodedError(cause)) return { message: cause.message, ...position, extensions: cause.extensions }
  if (cause instanceof GraphQLError) {
    return { message: error.message, ...position, extensions: { code: 'BAD_USER_INPUT', ...cause.extensions } }
  }
  logCause(cause)
  const hidden = new CodedError('INTERNAL', 'Something went wrong on our side.', { requestId })
  return { message: hidden.message, ...position, extensions: hidden.extensions }
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown, undefined> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
