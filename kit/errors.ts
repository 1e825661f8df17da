import { GraphQLError } from 'graphql'

/** Every code that an answer of the graph can carry in `extensions.code`, with the HTTP status of a request that fails as a whole. */
export const errorStatus = {
  BAD_REQUEST: 400,
  BAD_USER_INPUT: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  OPERATION_RESOLUTION_FAILURE: 400,
  OPERATION_TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  PLAN_FORBIDS: 403,
  TRUSTED_DOCUMENT_REQUIRED: 403,
  NOT_FOUND: 404,
  PERSISTED_QUERY_NOT_FOUND: 404,
  EVENTS_GONE: 410,
  VERSION_UNKNOWN: 404,
  VERSION_RETIRED: 410,
  CONTRACT_UNAVAILABLE: 503,
  SUNSET_BROWNOUT: 410,
  COST_LIMIT_EXCEEDED: 400,
  THROTTLED: 429,
  QUOTA_EXCEEDED: 429,
  READER_TOO_SLOW: 429,
  SUBGRAPH_TIMEOUT: 504,
  SUBGRAPH_UNAVAILABLE: 503,
  SCHEMA_CHANGED: 410,
  SERVER_CLOSING: 503,
  INTERNAL: 500,
} as const

export type ErrorCode = keyof typeof errorStatus

/**
 * What GraphQL itself finds wrong with a well-formed request, unlike what the gateway refuses, for who asks or for how
 * much: protocols answer it as a result like any other.
 */
export const requestErrors: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
])

/** An error meant for the client: its message and details are sent as they are, so they must hold no secret. */
export class CodedError extends GraphQLError {
  readonly code: ErrorCode

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    path?: readonly (string | number)[],
  ) {
    super(message, { extensions: { ...details, code }, path })
    this.name = 'CodedError'
    this.code = code
  }
}

/** True for an error that may be shown to a client as it is; anything else becomes INTERNAL at the edge. */
export function isCodedError(error: unknown): error is CodedError {
  return error instanceof CodedError
}

/** True for a code of our catalogue, as found in an error that crossed a process boundary. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorStatus, code)
}
