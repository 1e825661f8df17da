import { Int32 } from 'bson'
import { CommandError, type ErrorCodeName } from '../../errors.ts'
import { doubleArgument, integerArgument } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { type ExpressionOperators, isNullish, positional, unary } from './evaluate.ts'
import { requireString } from './string-operators.ts'
import { coercedText } from './to-text.ts'

function substringOfBytes([value, start, length]: readonly unknown[]): string {
  const bytes = Buffer.from(coercedText(value))
  const from = Math.trunc(numberOf(start, 'Location16034', 'starting index'))
  const count = Math.trunc(numberOf(length, 'Location16035', 'length'))
  if (from < 0)
    throw new CommandError('Location50752', `$substrBytes: starting index must be non-negative (got: ${from})`)
  const end = count < 0 ? bytes.length : Math.min(from + count, bytes.length)
  if (isContinuation(bytes[from])) {
    throw new CommandError(
      'Location28656',
      '$substrBytes: Invalid range, starting index is in the middle of a UTF-8 character.',
    )
  }
  if (isContinuation(bytes[end])) {
    throw new CommandError(
      'Location28657',
      '$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.',
    )
  }
  return bytes.toString('utf8', Math.min(from, bytes.length), end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function numberOf(value: unknown, code: 'Location16034' | 'Location16035', what: string): number {
  const number = doubleArgument(value)
  if (number !== undefined) return number
  throw new CommandError(code, `$substrBytes: ${what} must be a numeric type (is BSON type ${typeOf(value)})`)
}

function substringOfPoints([value, start, length]: readonly unknown[]): string {
  const points = Array.from(coercedText(value))
  const from = wholeNumber(start, { number: 'Location34450', integer: 'Location34451', negative: 'Location34455' })
  const count = wholeNumber(length, { number: 'Location34452', integer: 'Location34453', negative: 'Location34454' })
  return points.slice(from, from + count).join('')
}

type NumberCodes = { number: ErrorCodeName; integer: ErrorCodeName; negative: ErrorCodeName }

function wholeNumber(value: unknown, codes: NumberCodes): number {
  if (!isNumber(value)) {
    throw new CommandError(
      codes.number,
      `$substrCP: index and length must be numeric (found BSON type ${typeOf(value)})`,
    )
  }
  const whole = integerArgument(value)
  if (whole === undefined) throw new CommandError(codes.integer, '$substrCP: index and length must be 32-bit integers')
  if (whole < 0) throw new CommandError(codes.negative, '$substrCP: index and length must not be negative')
  return whole
}

/** The place of a text in another, both cut into units: bytes or code points. */
function indexOf([text, part, start, end]: readonly unknown[], name: string): unknown {
  if (isNullish(text)) return null
  const unitsOf = (value: string): readonly (string | number)[] =>
    name === '$indexOfCP' ? Array.from(value) : Array.from(Buffer.from(value))
  const whole = unitsOf(requireString(text, name === '$indexOfCP' ? 'Location40093' : 'Location40091', name))
  const wanted = unitsOf(requireString(part, name === '$indexOfCP' ? 'Location40094' : 'Location40092', name))
  const from = indexArgument(start ?? new Int32(0), name)
  const to = Math.min(end === undefined ? whole.length : indexArgument(end, name), whole.length)
  for (let index = from; index + wanted.length <= to; index++) {
    if (wanted.every((unit, offset) => whole[index + offset] === unit)) return new Int32(index)
  }
  return new Int32(-1)
}

function indexArgument(value: unknown, name: string): number {
  const index = integerArgument(value)
  if (index === undefined)
    throw new CommandError(
      'Location40096',
      `${name} requires an integral index, found a value of type: ${typeOf(value)}`,
    )
  if (index < 0) throw new CommandError('Location40097', `${name} requires a nonnegative index, found: ${index}`)
  return index
}

export const substringOperators: ExpressionOperators = {
  $substr: positional(3, 3, substringOfBytes),
  $substrBytes: positional(3, 3, substringOfBytes),
  $substrCP: positional(3, 3, substringOfPoints),
  $indexOfBytes: positional(2, 4, indexOf),
  $indexOfCP: positional(2, 4, indexOf),
  $strLenBytes: unary((value) => new Int32(Buffer.byteLength(requireString(value, 'Location34473', '$strLenBytes')))),
  $strLenCP: unary((value) => new Int32(Array.from(requireString(value, 'Location34471', '$strLenCP')).length)),
}
