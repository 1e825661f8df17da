import { CodedError, isErrorCode } from '../../kit/errors.ts'
import { type ResponsePath, isObject } from './data.ts'

/**
 * A subgraph's errors as the client sees them: with paths of the client's answer (an entity that stands in several
 * places gives one error each) and with codes of our catalogue. The subgraph's name and stack do not get out. What a
 * subgraph sends is believed to be nothing but JSON.
 */
export function toClientErrors(
  errors: unknown,
  clientPaths: (path: ResponsePath) => readonly ResponsePath[],
): CodedError[] {
  if (!Array.isArray(errors)) return []
  return errors.flatMap((error: unknown) => {
    if (!isObject(error)) return []
    const { code, stacktrace: _stacktrace, ...details } = isObject(error['extensions']) ? error['extensions'] : {}
    const known = isErrorCode(code) && typeof error['message'] === 'string' ? code : 'INTERNAL'
    const message = known === 'INTERNAL' ? 'Something went wrong on our side.' : String(error['message'])
    const kept = known === 'INTERNAL' ? pickRequestId(details) : details
    const paths = isPath(error['path']) ? clientPaths(error['path']) : []
    if (paths.length === 0) return [new CodedError(known, message, kept)]
    return paths.map((path) => new CodedError(known, message, kept, path))
  })
}

function isPath(path: unknown): path is ResponsePath {
  return Array.isArray(path) && path.every((step) => typeof step === 'string' || typeof step === 'number')
}

function pickRequestId(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return 'requestId' in details ? { requestId: details['requestId'] } : {}
}
