import { CodedError, type ErrorCode, errorStatus, requestErrors } from '../../kit/errors.ts'

/** A refusal whose status says more than its code does, such as 405, 413 or 415, with headers that belong to it. */
export class HttpRefusal extends CodedError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    {
      code = 'BAD_REQUEST',
      headers = {},
    }: { readonly code?: ErrorCode; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, message)
    this.status = status
    this.headers = headers
  }
}

/**
 * The status of an answer without data. What GraphQL itself finds wrong is with `application/json` an answer like any
 * other, so its status is 200 (GraphQL over HTTP, section 6.4.1); what the gateway refuses keeps its status.
 */
export function statusOf(error: CodedError | undefined, media: string | null): number {
  if (error === undefined) return 500
  if (error instanceof HttpRefusal) return error.status
  return media === 'application/json' && requestErrors.has(error.code) ? 200 : errorStatus[error.code]
}

/** `Retry-After` of a refusal that says when to come back, in whole seconds. */
export function retryAfter(error: CodedError | undefined): string | undefined {
  const seconds = error?.extensions['retryAfter']
  return typeof seconds === 'number' ? String(Math.ceil(seconds)) : undefined
}
