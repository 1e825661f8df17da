import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import type { DocTest } from '../query/filter/condition.ts'
import { holdsOperators } from '../query/filter/field-operators.ts'
import { nearOperators, readNear, type Near } from '../query/geo/near.ts'
import { isDoc } from '../query/value-type.ts'

/** The filter of a query, compiled once for the command. */
export type QueryFilter = {
  /** As the client wrote it. */
  readonly asked: Doc
  /** Without `$near`, which is no condition on a document but an order of all. */
  readonly doc: Doc
  readonly matches: DocTest
  readonly near: Near | undefined
}

/** Every document matches. */
export const everything: QueryFilter = { asked: {}, doc: {}, matches: () => true, near: undefined }

/** Compiles the filter of find and of the other commands that may use `$near`. Throws for a malformed one. */
export function compileQueryFilter(filter: Doc): QueryFilter {
  if (Object.keys(filter).length === 0) return everything
  const nears: Near[] = []
  const doc = withoutNear(filter, nears)
  if (nears.length > 1) throw new CommandError('BadValue', 'Too many geoNear expressions')
  try {
    return { asked: filter, doc, matches: compileFilter(doc), near: nears[0] }
  } catch (error) {
    if (!(error instanceof CommandError) || error.codeName !== 'Location5626500') throw error
    throw new CommandError('BadValue', 'geoNear must be top-level expr')
  }
}

/** Collects what `$near` there is, at the top and in `$and`; the filter itself when there is none. */
function withoutNear(filter: Doc, nears: Near[]): Doc {
  const before = nears.length
  const rest: Doc = {}
  for (const [path, operand] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(operand)) {
      rest[path] = operand.map((branch: unknown) => (isDoc(branch) ? withoutNear(branch, nears) : branch))
    } else if (holdsOperators(operand) && Object.keys(operand).some((name) => nearOperators.has(name))) {
      nears.push(readNear(path, operand))
    } else {
      Object.defineProperty(rest, path, { value: operand, enumerable: true, writable: true, configurable: true })
    }
  }
  return nears.length === before ? filter : rest
}
