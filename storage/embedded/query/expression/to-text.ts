import { BSONSymbol, Decimal128, Double, ObjectId, Timestamp } from 'bson'
import { CommandError } from '../../errors.ts'
import { isLong, isNumber, typeOf } from '../value-type.ts'
import { isNullish } from './evaluate.ts'

/** A scalar as MongoDB writes it in text; nothing for values that have no such form. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value instanceof BSONSymbol) return value.value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof ObjectId) return value.toHexString()
  if (typeof value === 'boolean') return String(value)
  return isNumber(value) ? numberText(value) : undefined
}

function numberText(value: unknown): string {
  if (value instanceof Decimal128 || isLong(value)) return value.toString()
  const number = value instanceof Double ? value.value : Number(value)
  if (Number.isFinite(number)) return Object.is(number, -0) ? '-0' : String(number)
  return Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity'
}

/** What string functions of case take: nothing counts as empty, numbers and dates as their text. */
export function coercedText(value: unknown): string {
  if (isNullish(value)) return ''
  const text = typeof value === 'boolean' || value instanceof ObjectId ? undefined : textOf(value)
  if (text !== undefined) return text
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`
  throw new CommandError('Location16007', `can't convert from BSON type ${typeOf(value)} to String`)
}
