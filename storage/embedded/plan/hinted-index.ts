import type { Collection, Index } from '../engine/collection.ts'
import { CommandError } from '../errors.ts'
import { isDoc } from '../query/value-type.ts'

/** The index that a client tells the planner to use, by its name or key pattern. */
export function hintedIndex({ indexes }: Collection, hint: unknown): Index | 'natural' {
  if (typeof hint !== 'string' && !isDoc(hint)) {
    throw new CommandError('FailedToParse', 'Hint must be a string or an object')
  }
  if (isDoc(hint) && hint['$natural'] !== undefined) {
    if (Number(hint['$natural']) === 1) return 'natural'
    throw new CommandError('BadValue', 'a hint of $natural must be 1; sort by $natural to read backwards')
  }
  const wanted = typeof hint === 'string' ? hint : patternOf(hint)
  const index = indexes.find(({ name, key }) => wanted === (typeof hint === 'string' ? name : patternOf(key)))
  if (index !== undefined && index.hidden !== true) return index
  throw new CommandError('BadValue', 'hint provided does not correspond to an existing index')
}

function patternOf(key: object): string {
  return JSON.stringify(
    Object.entries(key).map(([path, direction]) => [
      path,
      typeof direction === 'string' ? direction : Number(direction),
    ]),
  )
}
