import { CodedError } from '../../kit/errors.ts'

/** What a call that was cut off for a reason answers; the subgraph's name stays in the log and out of the client's answer. */
export function abortError(subgraph: string, reason: unknown): CodedError {
  const error = isTimeout(reason)
    ? new CodedError('SUBGRAPH_TIMEOUT', 'A part of the graph did not answer in time.')
    : new CodedError('SUBGRAPH_UNAVAILABLE', 'The request was ended before a part of the graph answered.')
  error.cause = new Error(`subgraph ${subgraph}`, { cause: reason })
  return error
}

/** Whether something ended because its deadline had passed. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}
