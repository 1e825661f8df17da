import { Binary, Decimal128, Double, Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { bytesOf } from '../compare-values.ts'
import { integerArgument } from '../integer-argument.ts'
import { isLong } from '../value-type.ts'
import type { ValueTest } from './condition.ts'

export type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear'

/** The `$bits…` operators: the operand is a mask, a list of positions or a BinData mask. */
export function bitTest(operator: BitOperator, operand: unknown): ValueTest {
  const positions = positionsOf(operator, operand)
  const wanted = operator.endsWith('Set')
  const all = operator.startsWith('$bitsAll')
  return (value) => {
    const isSet = bitReader(value)
    if (isSet === undefined) return false
    return all
      ? positions.every((position) => isSet(position) === wanted)
      : positions.some((position) => isSet(position) === wanted)
  }
}

function positionsOf(operator: string, operand: unknown): number[] {
  if (Array.isArray(operand)) {
    return operand.map((position) => {
      const number = integerArgument(position)
      if (number === undefined || number < 0) {
        throw new CommandError('BadValue', `bit positions of ${operator} must be non-negative integers`)
      }
      return number
    })
  }
  const number = integerArgument(operand)
  if (operand instanceof Binary || (number !== undefined && number >= 0)) {
    const isSet = bitReader(operand)
    const count = operand instanceof Binary ? operand.length() * 8 : 64
    if (isSet !== undefined) return Array.from({ length: count }, (_, position) => position).filter(isSet)
  }
  throw new CommandError('BadValue', `${operator} takes an array, a non-negative number, or a BinData`)
}

function bitReader(value: unknown): ((position: number) => boolean) | undefined {
  if (value instanceof Binary) {
    const bytes = bytesOf(value)
    return (position) => (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1
  }
  const bits = int64Of(value)
  // Positions past the sign bit repeat it, as in an integer of any width.
  return bits === undefined ? undefined : (position) => ((bits >> BigInt(Math.min(position, 63))) & 1n) === 1n
}

/** Only whole numbers that fit 64 bits have bits. */
function int64Of(value: unknown): bigint | undefined {
  if (isLong(value)) return value.toBigInt()
  if (value instanceof Int32) return BigInt(value.value)
  if (value instanceof Decimal128) return undefined
  const double = value instanceof Double ? value.value : value
  if (typeof double !== 'number' || !Number.isInteger(double)) return undefined
  const integer = BigInt(double)
  return BigInt.asIntN(64, integer) === integer ? integer : undefined
}
