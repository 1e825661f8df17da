import type { GraphQLFormattedError } from 'graphql'
import { CodedError, isErrorCode } from '../../kit/errors.ts'
import type { ResponsePath } from './data.ts'

/**
 * A subgraph's errors as the client sees them: with paths of the client's answer (an entity that stands in several
 * places gives one error each) and with codes of our catalogue. The subgraph's name and stack do not get out.
 */
export function toClientErrors(
  errors: readonly GraphQLFormattedError[],
  clientPaths: (path: ResponsePath) => readonly ResponsePath[],
): CodedError[] {
  return errors.flatMap((error) => {
    const { code, stacktrace: _stacktrace, ...details } = error.extensions ?? {}
    const known = isErrorCode(code) ? code : 'INTERNAL'
    const message = known === 'INTERNAL' ? 'Something went wrong on our side.' : error.message
    const kept = known === 'INTERNAL' ? pickRequestId(details) : details
    const paths = error.path ? clientPaths(error.path) : []
    if (paths.length === 0) return [new CodedError(known, message, kept)]
    return paths.map((path) => new CodedError(known, message, kept, path))
  })
}

function pickRequestId(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return 'requestId' in details ? { requestId: details['requestId'] } : {}
}
