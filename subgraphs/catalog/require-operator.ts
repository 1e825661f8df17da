import type { Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'

/** Not left to the scope alone: a partner's app that was given it by mistake must not change everybody's catalog. */
export function requireOperator(caller: Caller): void {
  if (!caller.operator) throw new CodedError('FORBIDDEN', 'Only the platform operator may do this.')
}
