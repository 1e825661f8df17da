import { CodedError } from '../../kit/errors.ts'

/** What a call that was cut off answers; the subgraph's name stays in the log and out of the client's answer. */
export function abortError(subgraph: string, signal: AbortSignal): CodedError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
  const error = timedOut
    ? new CodedError('SUBGRAPH_TIMEOUT', 'A part of the graph did not answer in time.')
    : new CodedError('SUBGRAPH_UNAVAILABLE', 'The request was ended before a part of the graph answered.')
  error.cause = new Error(`subgraph ${subgraph}`, { cause: signal.reason })
  return error
}
