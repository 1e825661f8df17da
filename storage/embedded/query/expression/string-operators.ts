import { Int32 } from 'bson'
import { CommandError, type ErrorCodeName } from '../../errors.ts'
import { compareStrings } from '../compare-values.ts'
import { typeOf } from '../value-type.ts'
import {
  type ExpressionOperator,
  type ExpressionOperators,
  isNullish,
  named,
  positional,
  unary,
  variadic,
} from './evaluate.ts'
import { coercedText } from './to-text.ts'

/** Refuses what is not a string. */
export function requireString(value: unknown, code: ErrorCodeName, what: string): string {
  if (typeof value === 'string') return value
  throw new CommandError(code, `${what} requires a string argument, found: ${typeOf(value)}`)
}

// MongoDB changes the case of ASCII letters only.
function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function upper(text: string): string {
  return text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase())
}

function concatenated(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null
  return values.map((value) => requireString(value, 'Location16702', '$concat')).join('')
}

function split([text, delimiter]: readonly unknown[]): unknown {
  if (isNullish(text) || isNullish(delimiter)) return null
  const whole = requireString(text, 'Location40085', '$split')
  const separator = requireString(delimiter, 'Location40086', '$split')
  if (separator === '') throw new CommandError('Location40087', '$split requires a non-empty separator')
  return whole.split(separator)
}

const whitespace = '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'

function trimming(sides: { left: boolean; right: boolean }): ExpressionOperator {
  const trim = named({ required: ['input'], optional: ['chars'] }, ({ input, chars }, name) => {
    if (isNullish(input) || chars === null) return null
    const points = Array.from(requireString(input, 'Location50699', name))
    const away = new Set(Array.from(chars === undefined ? whitespace : requireString(chars, 'Location50700', name)))
    let start = 0
    let end = points.length
    while (sides.left && start < end && away.has(points[start] as string)) start += 1
    while (sides.right && end > start && away.has(points[end - 1] as string)) end -= 1
    return points.slice(start, end).join('')
  })
  return (operand, compile, name) => {
    const chars = (operand as { chars?: unknown } | null)?.chars
    if (chars === undefined) return trim(operand, compile, name)
    // `chars` that come out missing are null, only `chars` not given are the whitespace.
    return trim({ ...(operand as object), chars: { $ifNull: [chars, null] } }, compile, name)
  }
}

function replacing(all: boolean): ExpressionOperator {
  return named({ required: ['input', 'find', 'replacement'] }, ({ input, find, replacement }, name) => {
    const checked = [input, find, replacement].map((value, index) => {
      const code = (['Location51746', 'Location51745', 'Location51744'] as const)[index] as ErrorCodeName
      return isNullish(value) ? null : requireString(value, code, name)
    })
    const [text, pattern, put] = checked
    if (isNullish(text) || isNullish(pattern) || isNullish(put)) return null
    return all ? text.replaceAll(pattern, () => put) : text.replace(pattern, () => put)
  })
}

export const stringOperators: ExpressionOperators = {
  $concat: variadic(concatenated),
  $toLower: unary((value) => lower(coercedText(value))),
  $toUpper: unary((value) => upper(coercedText(value))),
  $strcasecmp: positional(2, 2, ([a, b]) => {
    const order = compareStrings(upper(coercedText(a)), upper(coercedText(b)))
    return new Int32(Math.sign(order))
  }),
  $split: positional(2, 2, split),
  $trim: trimming({ left: true, right: true }),
  $ltrim: trimming({ left: true, right: false }),
  $rtrim: trimming({ left: false, right: true }),
  $replaceOne: replacing(false),
  $replaceAll: replacing(true),
}
