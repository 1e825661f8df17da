import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { isDoc } from '../value-type.ts'

export type ArrayFilters = ReadonlyMap<string, (element: unknown) => boolean>

/** Compiles `arrayFilters` to one test of array elements per identifier. */
export function compileArrayFilters(filters: readonly Doc[]): ArrayFilters {
  const compiled = new Map<string, (element: unknown) => boolean>()
  for (const filter of filters) {
    const identifiers = new Set(identifiersOf(filter))
    const [identifier] = identifiers
    if (identifier === undefined) {
      throw new CommandError('FailedToParse', 'Cannot use an expression without a top-level field name in arrayFilters')
    }
    if (identifiers.size > 1) {
      throw new CommandError(
        'FailedToParse',
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${[...identifiers].join("' and '")}'`,
      )
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
      throw new CommandError(
        'BadValue',
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      )
    }
    if (compiled.has(identifier)) {
      throw new CommandError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      )
    }
    const test = compileFilter(filter, null)
    compiled.set(identifier, (element) => test({ [identifier]: element }))
  }
  return compiled
}

function identifiersOf(filter: Doc): string[] {
  return Object.entries(filter).flatMap(([field, operand]) => {
    if (!field.startsWith('$')) return [field.split('.')[0] as string]
    return Array.isArray(operand) ? operand.filter(isDoc).flatMap(identifiersOf) : []
  })
}
