import { Int32 } from 'bson'
import { CommandError, type ErrorCodeName } from '../../errors.ts'
import { integerArgument } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { arrayIterators } from './array-iterators.ts'
import {
  compareOperands,
  type ExpressionOperator,
  type ExpressionOperators,
  isNullish,
  isTrue,
  named,
  positional,
  unary,
  variadic,
} from './evaluate.ts'

function requireArray(value: unknown, code: ErrorCodeName, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new CommandError(code, `${what} must be an array, but is of type: ${typeOf(value)}`)
}

/** MongoDB has one code for what is no number and one for a number that is not whole. */
type IntegerCodes = { number: ErrorCodeName; integer: ErrorCodeName }

function requireInteger(value: unknown, codes: IntegerCodes, what: string): number {
  const integer = integerArgument(value)
  if (integer !== undefined && (integer | 0) === integer) return integer
  const code = isNumber(value) ? codes.integer : codes.number
  throw new CommandError(
    code,
    `${what} must be representable as a 32-bit integer, found a value of type: ${typeOf(value)}`,
  )
}

function elementAt([array, index]: readonly unknown[]): unknown {
  if (isNullish(array) || isNullish(index)) return null
  return requireArray(array, 'Location28689', "$arrayElemAt's first argument").at(
    requireInteger(index, { number: 'Location28690', integer: 'Location28691' }, "$arrayElemAt's second argument"),
  )
}

function endElement(index: 0 | -1): ExpressionOperator {
  return unary((array, name) =>
    isNullish(array) ? null : requireArray(array, 'Location28689', `${name}'s argument`).at(index),
  )
}

function slice([array, ...limits]: readonly unknown[]): unknown {
  if (isNullish(array) || limits.some(isNullish)) return null
  const whole = requireArray(array, 'Location28724', 'First argument to $slice')
  const first = requireInteger(
    limits[0],
    { number: 'Location28725', integer: 'Location28726' },
    'Second argument to $slice',
  )
  if (limits.length === 1) return first < 0 ? whole.slice(first) : whole.slice(0, first)
  const count = requireInteger(
    limits[1],
    { number: 'Location28727', integer: 'Location28728' },
    'Third argument to $slice',
  )
  if (count <= 0) throw new CommandError('Location28729', `Third argument to $slice must be positive: ${count}`)
  const start = first < 0 ? Math.max(whole.length + first, 0) : first
  return whole.slice(start, start + count)
}

function concatenated(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null
  return values.flatMap((value) =>
    requireArray(value, 'Location28664', '$concatArrays only supports arrays; each operand'),
  )
}

function contains([value, array]: readonly unknown[]): boolean {
  const elements = requireArray(array, 'Location40081', "$in's second argument")
  return elements.some((element) => compareOperands(element, value) === 0)
}

function indexOf([array, value, start, end]: readonly unknown[]): unknown {
  if (isNullish(array)) return null
  const elements = requireArray(array, 'Location40090', "$indexOfArray's first argument")
  const from = start === undefined ? 0 : indexArgument(start)
  const to = Math.min(end === undefined ? elements.length : indexArgument(end), elements.length)
  for (let index = from; index < to; index++) {
    if (compareOperands(elements[index], value) === 0) return new Int32(index)
  }
  return new Int32(-1)
}

function indexArgument(value: unknown): number {
  const index = requireInteger(value, { number: 'Location40096', integer: 'Location40096' }, '$indexOfArray index')
  if (index < 0) throw new CommandError('Location40097', `$indexOfArray requires a nonnegative index, found: ${index}`)
  return index
}

/** As MongoDB, which allows results of 64 MiB here; longer ranges are mistakes. */
const longestRange = 4_000_000

function range([start, end, step]: readonly unknown[]): unknown {
  const from = requireInteger(start, { number: 'Location34443', integer: 'Location34444' }, "$range's starting value")
  const to = requireInteger(end, { number: 'Location34445', integer: 'Location34446' }, "$range's ending value")
  const by =
    step === undefined
      ? 1
      : requireInteger(step, { number: 'Location34447', integer: 'Location34448' }, "$range's step value")
  if (by === 0) throw new CommandError('Location34449', '$range requires a non-zero step value')
  const count = Math.max(0, Math.ceil((to - from) / by))
  if (count > longestRange) throw new CommandError('ExceededMemoryLimit', `$range of ${count} elements is too large`)
  return Array.from({ length: count }, (_, index) => new Int32(from + index * by))
}

const zip = named(
  { required: ['inputs'], optional: ['useLongestLength', 'defaults'] },
  ({ inputs, useLongestLength, defaults }) => {
    if (isNullish(inputs)) return null
    const arrays = requireArray(inputs, 'Location34461', "$zip's inputs")
    if (arrays.some(isNullish)) return null
    const columns = arrays.map((array) =>
      requireArray(array, 'Location34468', '$zip found a non-array expression in input, which'),
    )
    const lengths = columns.map((column) => column.length)
    const length = isTrue(useLongestLength) ? Math.max(0, ...lengths) : Math.min(...lengths)
    const fill = isNullish(defaults) ? [] : requireArray(defaults, 'Location34462', "$zip's defaults")
    if (fill.length > 0 && !isTrue(useLongestLength)) {
      throw new CommandError('Location34466', '$zip cannot have useLongestLength be false with defaults given')
    }
    return Array.from({ length }, (_, row) =>
      columns.map((column, place) => (row < column.length ? column[row] : (fill[place] ?? null))),
    )
  },
)

export const arrayOperators: ExpressionOperators = {
  ...arrayIterators,
  $isArray: unary(Array.isArray),
  $size: unary((value) => new Int32(requireArray(value, 'Location17124', 'The argument to $size').length)),
  $arrayElemAt: positional(2, 2, elementAt),
  $first: endElement(0),
  $last: endElement(-1),
  $slice: positional(2, 3, slice),
  $concatArrays: variadic(concatenated),
  $in: positional(2, 2, contains),
  $indexOfArray: positional(2, 4, indexOf),
  $range: positional(2, 3, range),
  $reverseArray: unary((value) =>
    isNullish(value) ? null : requireArray(value, 'Location34435', 'The argument to $reverseArray').toReversed(),
  ),
  $zip: zip,
}
