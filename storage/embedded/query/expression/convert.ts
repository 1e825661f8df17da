import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson'
import { CommandError } from '../../errors.ts'
import { asDecimal128, parseDecimal } from '../decimal128.ts'
import { exactDecimal } from '../exact-decimal.ts'
import { doubleArgument, truncated } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { checkedDate } from './checked-date.ts'
import { isTrue } from './evaluate.ts'
import { parseDate } from './parse-date.ts'
import { textOf } from './to-text.ts'

const converters = { bool, int, long, double, decimal, string, date, objectId }

export type ConversionTarget = keyof typeof converters

/** Converts a value that is neither null nor missing; throws ConversionFailure where MongoDB does. */
export function convertTo(target: ConversionTarget, value: unknown): unknown {
  return converters[target](value)
}

export function isConversionTarget(name: unknown): name is ConversionTarget {
  return typeof name === 'string' && Object.hasOwn(converters, name)
}

/** The target that a BSON type number means. */
export function targetOfCode(code: number | undefined): string | undefined {
  const targets: Record<number, ConversionTarget> = {
    1: 'double',
    2: 'string',
    7: 'objectId',
    8: 'bool',
    9: 'date',
    16: 'int',
    18: 'long',
    19: 'decimal',
  }
  return code === undefined ? undefined : targets[code]
}

function failure(value: unknown, target: string): CommandError {
  return new CommandError('ConversionFailure', `Unsupported conversion from ${typeOf(value)} to ${target} in $convert`)
}

function bool(value: unknown): boolean {
  return isTrue(value)
}

function integer(value: unknown, target: 'int' | 'long'): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (value instanceof Date && target === 'long') return BigInt(value.getTime())
  if (typeof value === 'string') {
    if (/^[+-]?\d+$/.test(value)) return inRange(BigInt(value.replace('+', '')), target)
    throw new CommandError('ConversionFailure', `Failed to parse number '${value}' in $convert with no onError value`)
  }
  const whole = isNumber(value) ? truncated(value) : undefined
  if (whole !== undefined) return inRange(whole, target)
  if (isNumber(value)) {
    throw new CommandError(
      'ConversionFailure',
      'Attempt to convert a number that is not finite to an integer in $convert',
    )
  }
  throw failure(value, target)
}

function inRange(value: bigint, target: 'int' | 'long'): bigint {
  if (BigInt.asIntN(target === 'int' ? 32 : 64, value) === value) return value
  throw new CommandError(
    'ConversionFailure',
    `Conversion would overflow target type in $convert with no onError value: ${value}`,
  )
}

function int(value: unknown): Int32 {
  return new Int32(Number(integer(value, 'int')))
}

function long(value: unknown): Long {
  return Long.fromBigInt(integer(value, 'long'))
}

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^[+-]?inf(?:inity)?$|^[+-]?nan$/i

function double(value: unknown): Double {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0)
  if (value instanceof Date) return new Double(value.getTime())
  if (typeof value === 'string') {
    if (!numberText.test(value)) {
      throw new CommandError('ConversionFailure', `Failed to parse number '${value}' in $convert with no onError value`)
    }
    return new Double(doubleOfText(value.toLowerCase()))
  }
  const number = doubleArgument(value)
  if (number === undefined) throw failure(value, 'double')
  if (!Number.isFinite(number) && value instanceof Decimal128 && exactDecimal(value).kind === 'finite') {
    throw new CommandError(
      'ConversionFailure',
      'Conversion would overflow target type in $convert with no onError value',
    )
  }
  return new Double(number)
}

function doubleOfText(text: string): number {
  if (text.includes('nan')) return Number.NaN
  if (text.includes('inf')) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}

function decimal(value: unknown): Decimal128 {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0')
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()))
  if (typeof value === 'string') {
    const parsed = numberText.test(value) ? parseDecimal(value.toLowerCase()) : undefined
    if (parsed !== undefined) return parsed
    throw new CommandError('ConversionFailure', `Failed to parse number '${value}' in $convert with no onError value`)
  }
  if (!isNumber(value)) throw failure(value, 'decimal')
  return asDecimal128(value)
}

function string(value: unknown): string {
  const text = textOf(value)
  if (text === undefined) throw failure(value, 'string')
  return text
}

function date(value: unknown): Date {
  if (value instanceof Date) return value
  if (value instanceof ObjectId) return value.getTimestamp()
  if (value instanceof Timestamp) return new Date(value.t * 1000)
  if (typeof value === 'string') return parseDate(value)
  if (!isNumber(value) || value instanceof Int32) throw failure(value, 'date')
  const milliseconds = truncated(value)
  if (milliseconds === undefined) throw failure(value, 'date')
  return checkedDate(Number(milliseconds))
}

function objectId(value: unknown): ObjectId {
  if (value instanceof ObjectId) return value
  if (typeof value !== 'string') throw failure(value, 'objectId')
  if (/^[0-9a-fA-F]{24}$/.test(value)) return ObjectId.createFromHexString(value)
  throw new CommandError('ConversionFailure', `Failed to parse objectId '${value}' in $convert with no onError value`)
}
