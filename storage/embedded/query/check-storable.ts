import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { typeOf } from './value-type.ts'

/** As MongoDB: how deep documents and arrays may be nested. */
export const deepestDocument = 200

/**
 * Refuses documents that could not be kept as they are: nested deeper than 200 levels, with the deprecated types
 * undefined and DBPointer, or with dates outside JavaScript's range. To be called on everything a client sends.
 */
export function checkStorable(doc: Doc, deepest = deepestDocument): void {
  check(doc, deepest)
}

function check(holder: Doc | readonly unknown[], levels: number): void {
  if (levels === 0) throw new CommandError('Overflow', `a document may be nested ${deepestDocument} levels deep`)
  for (const value of Array.isArray(holder) ? (holder as unknown[]) : Object.values(holder)) {
    if (typeof value === 'string' || value === null) continue
    const type = typeOf(value)
    if (type === 'object' || type === 'array') check(value as Doc, levels - 1)
    else if (type === 'missing') throw unsupported('BadValue', 'the deprecated BSON type undefined')
    else if (type === 'date' && Number.isNaN((value as Date).getTime())) {
      throw unsupported('BadValue', 'a date more than 100 million days from 1970')
    }
  }
}
