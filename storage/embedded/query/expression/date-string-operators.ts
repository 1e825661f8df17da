import { CommandError, unsupported } from '../../errors.ts'
import { dayOfYear, isoWeek, localDate, zoneOffset } from './date-arguments.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, namedOperands } from './evaluate.ts'
import { parseDate } from './parse-date.ts'
import { requireString } from './string-operators.ts'

type Part = (local: Date, offset: number) => string

function padded(read: (date: Date) => number, width: number): Part {
  return (local) => String(read(local)).padStart(width, '0')
}

const parts: Readonly<Record<string, Part | undefined>> = {
  Y: padded((date) => date.getUTCFullYear(), 4),
  m: padded((date) => date.getUTCMonth() + 1, 2),
  d: padded((date) => date.getUTCDate(), 2),
  H: padded((date) => date.getUTCHours(), 2),
  M: padded((date) => date.getUTCMinutes(), 2),
  S: padded((date) => date.getUTCSeconds(), 2),
  L: padded((date) => date.getUTCMilliseconds(), 3),
  j: padded(dayOfYear, 3),
  w: padded((date) => date.getUTCDay() + 1, 1),
  u: padded((date) => date.getUTCDay() || 7, 1),
  U: padded((date) => Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7), 2),
  V: padded((date) => isoWeek(date).week, 2),
  G: padded((date) => isoWeek(date).year, 4),
  z: (_local, offset) => {
    const minutes = Math.abs(offset) / 60_000
    const clock = String(Math.floor(minutes / 60)).padStart(2, '0') + String(minutes % 60).padStart(2, '0')
    return (offset < 0 ? '-' : '+') + clock
  },
  Z: (_local, offset) => String(offset / 60_000),
  '%': () => '%',
}

const toText: ExpressionOperator = (operand, compile, name) => {
  const given = namedOperands(operand, name, { required: ['date'], optional: ['format', 'timezone', 'onNull'] })
  const evaluate = (field: string) => (Object.hasOwn(given, field) ? compile(given[field]) : undefined)
  const [date, format, timezone, onNull] = [
    compile(given.date),
    evaluate('format'),
    evaluate('timezone'),
    evaluate('onNull'),
  ]
  return (scope) => {
    const value = date(scope)
    if (isNullish(value)) return onNull === undefined ? null : onNull(scope)
    const pattern = format === undefined ? '%Y-%m-%dT%H:%M:%S.%LZ' : format(scope)
    const zone = timezone?.(scope)
    if (isNullish(pattern) || (timezone !== undefined && isNullish(zone))) return null
    return formatted(requireString(pattern, 'Location18533', name), localDate(value, zone), zoneOffset(zone))
  }
}

function formatted(pattern: string, local: Date, offset: number): string {
  return pattern.replaceAll(/%(.?)/gs, (_whole, letter: string) => {
    const part = Object.hasOwn(parts, letter) ? parts[letter] : undefined
    if (part !== undefined) return part(local, offset)
    if (letter === '') throw new CommandError('Location18535', "Unmatched '%' at end of format string")
    if (letter === 'b' || letter === 'B') throw unsupported('InvalidPipelineOperator', `%${letter} in a date format`)
    throw new CommandError('Location18536', `Invalid format character '%${letter}' in format string`)
  })
}

const fromText: ExpressionOperator = (operand, compile, name) => {
  const optional = ['format', 'timezone', 'onError', 'onNull']
  const given = namedOperands(operand, name, { required: ['dateString'], optional })
  for (const field of ['format', 'timezone']) {
    if (Object.hasOwn(given, field)) throw unsupported('InvalidPipelineOperator', `'${field}' of ${name}`)
  }
  const evaluate = (field: string) => (Object.hasOwn(given, field) ? compile(given[field]) : undefined)
  const [text, onError, onNull] = [compile(given.dateString), evaluate('onError'), evaluate('onNull')]
  return (scope) => {
    const value = text(scope)
    if (isNullish(value)) return onNull === undefined ? null : onNull(scope)
    try {
      return parseDate(requireString(value, 'ConversionFailure', name))
    } catch (error) {
      if (onError !== undefined && error instanceof CommandError) return onError(scope)
      throw error
    }
  }
}

export const dateStringOperators: ExpressionOperators = { $dateToString: toText, $dateFromString: fromText }
