import type { IncomingMessage } from 'node:http'
import { ApolloServer, HeaderMap } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { ApolloGateway } from '@apollo/gateway'
import type { CancelSignal } from '../../kit/cancellation.ts'
import { CodedError, errorStatus, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { operationLimits } from '../operation/operation-limits.ts'
import type { PersistedDocuments } from '../operation/persisted-documents.ts'
import type { Arrival, Identity } from '../request.ts'
import { apolloDocument } from './apollo-documents.ts'
import { arrivalOf } from './arrival.ts'

/** What ApolloServer hands to the gateway's executor with each request. */
export interface ApolloContext {
  readonly identity: Identity
  readonly requestId: string
  readonly signal: CancelSignal
  readonly arrival: Arrival
  /** Sets headers of the answer. */
  readonly setHeaders: (headers: Readonly<Record<string, string>>) => void
}

/** GraphQL over HTTP on ApolloServer: parsing, validation, persisted queries, CSRF prevention and content negotiation. */
export async function serveApollo(
  app: FastifyInstance,
  options: {
    readonly path: string
    readonly gateway: ApolloGateway
    readonly identify: (request: IncomingMessage) => Promise<Identity>
    /** Takes the price of a document that has not run before; throws when the app cannot pay it now. */
    readonly admit: (identity: Identity, text: string) => Promise<void>
    readonly persisted: PersistedDocuments
    readonly log: Logger
  },
): Promise<{ stop(): Promise<void> }> {
  const apollo = new ApolloServer<ApolloContext>({
    gateway: options.gateway,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    maxRecursiveSelections: operationLimits.fields,
    parseOptions: { maxTokens: operationLimits.tokens },
    stopOnTerminationSignals: false,
    logger: options.log,
    formatError: (formatted, error) => formatError(formatted, error, options.log),
  })
  await apollo.start()
  app.route({
    url: options.path,
    method: ['GET', 'POST'],
    handler: fastifyApolloHandler(apollo, {
      async context(request, reply) {
        const arrival = arrivalOf(request.headers, performance.now())
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort())
        try {
          const identity = await options.identify(request.raw)
          await options.admit(identity, await apolloDocument(options.persisted, identity, request))
          const setHeaders = (headers: Readonly<Record<string, string>>) => void reply.headers(headers)
          return { identity, requestId: request.id, signal: gone.signal, arrival, setHeaders }
        } catch (error) {
          throw isCodedError(error) ? withStatus(error) : error
        }
      },
    }),
  })
  return { stop: () => apollo.stop() }
}

/** An error that decides the HTTP status of an answer without data; ApolloServer takes the status off again. */
export function withStatus(error: CodedError): CodedError {
  const { code: _code, ...details } = error.extensions
  const retryAfter = details['retryAfter']
  const headers = new HeaderMap()
  if (typeof retryAfter === 'number') headers.set('retry-after', String(Math.ceil(retryAfter)))
  return new CodedError(error.code, error.message, { ...details, http: { status: errorStatus[error.code], headers } })
}

/**
 * ApolloServer's own errors keep their codes, and those that it blames on the client without one become BAD_REQUEST;
 * what nobody coded becomes INTERNAL and its cause is logged.
 */
function formatError(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  if (formatted.extensions?.['code'] !== 'INTERNAL_SERVER_ERROR') return formatted
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (cause instanceof RangeError) {
    return { message: 'The document is nested too deeply.', extensions: { code: 'GRAPHQL_PARSE_FAILED' } }
  }
  if (error instanceof GraphQLError && isClientStatus(error.extensions['http'])) {
    return { message: formatted.message, extensions: { code: 'BAD_REQUEST' } }
  }
  log.error({ err: cause }, 'a request failed')
  return { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } }
}

function isClientStatus(http: unknown): boolean {
  if (typeof http !== 'object' || http === null || !('status' in http)) return false
  return typeof http.status === 'number' && http.status >= 400 && http.status < 500
}
