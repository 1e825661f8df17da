import { BSONRegExp, BSONSymbol } from 'bson'
import { CommandError } from '../../errors.ts'
import { execBounded } from './bounded-regex.ts'
import type { ValueTest } from './condition.ts'
import { translateRegex } from './translate-regex.ts'

/** As MongoDB. */
const longestPattern = 32_761

/** Accepts strings in which the expression matches, and the same expression stored as a value. */
export function matchesRegex(pattern: string, options: string): ValueTest {
  if (pattern.includes('\0') || options.includes('\0')) {
    throw new CommandError('BadValue', 'Regular expression cannot contain an embedded null byte')
  }
  for (const option of options) {
    if (!'imsxu'.includes(option)) {
      throw new CommandError('Location51108', `invalid flag in regex options: ${option}`)
    }
  }
  if (pattern.length > longestPattern) throw new CommandError('Location51091', 'Regular expression is too long')
  const expression = translateRegex(pattern, options)
  const sorted = sortedOptions(options)
  return (value) => {
    if (typeof value === 'string') return execBounded(expression, value) !== null
    if (value instanceof BSONSymbol) return execBounded(expression, value.value) !== null
    return value instanceof BSONRegExp && value.pattern === pattern && sortedOptions(value.options) === sorted
  }
}

/** `$regex` with its `$options`; a BSON regular expression brings its own unless `$options` are given. */
export function regexOperator(regex: unknown, options: unknown): ValueTest {
  if (options !== undefined && typeof options !== 'string') {
    throw new CommandError('BadValue', '$options has to be a string')
  }
  if (typeof regex === 'string') return matchesRegex(regex, options ?? '')
  if (!(regex instanceof BSONRegExp)) throw new CommandError('BadValue', '$regex has to be a string')
  if (options !== undefined && regex.options !== '') {
    throw new CommandError('Location51075', 'options set in both $regex and $options')
  }
  return matchesRegex(regex.pattern, options ?? regex.options)
}

function sortedOptions(options: string): string {
  return Array.from(options).toSorted().join('')
}
