import type { Caller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import { refuse } from './mutate.ts'

/** Which document a command is about, and which version of it its caller has seen. */
export interface CommandTarget {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Refuses a command on a document that is not there for the caller or has changed since the caller read it. */
export function checkTarget<Doc extends { readonly version: number }>(
  entity: string,
  doc: Doc | null | undefined,
  { expectedVersion }: Omit<CommandTarget, 'id'>,
): Doc {
  if (!doc) throw refuse('NOT_FOUND', ['input', 'id'], `There is no such ${entity}.`)
  if (typeof expectedVersion === 'number' && expectedVersion !== doc.version) {
    const message = `The ${entity} has version ${doc.version} by now, not ${expectedVersion}; read it again.`
    throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
  }
  return doc
}

/** Not left to the scope alone: a partner's app that was given one by mistake must not act as the platform company. */
export function requireOperator({ caller }: { readonly caller: Caller }, what: string): void {
  if (!caller.operator) throw new CodedError('FORBIDDEN', `Only the platform operator ${what}.`)
}
