import type { CodedError } from '../../kit/errors.ts'

/**
 * Whether an error already tells why the value at another error's place is missing: it stands at, above or below that
 * place (list positions aside), or concerns the whole answer.
 */
export function explainsNull(error: CodedError, missing: CodedError): boolean {
  if (error.path === undefined) return true
  const known = names(error.path)
  const place = names(missing.path ?? [])
  return known.slice(0, place.length).every((name, index) => name === place[index])
}

function names(path: readonly (string | number)[]): (string | number)[] {
  return path.filter((step) => typeof step === 'string')
}
