import { Double, Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { isLong, typeOf, type ValueType } from '../value-type.ts'
import type { ValueTest } from './condition.ts'

const typesByCode: Readonly<Record<number, ValueType | undefined>> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  13: 'javascript',
  14: 'symbol',
  15: 'javascriptWithScope',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
  [-1]: 'minKey',
  127: 'maxKey',
}

/** Deprecated types that MongoDB names and that this database never stores. */
const neverStored = { 6: 'undefined', 12: 'dbPointer' } as const

const names = new Set<unknown>(Object.values(typesByCode))
const neverStoredNames = new Set<unknown>(Object.values(neverStored))

/** The `$type` operator: a type's number, its name, `number`, or a list of those. */
export function ofType(operand: unknown): ValueTest {
  const wanted = new Set<ValueType>()
  for (const one of Array.isArray(operand) ? operand : [operand]) addType(wanted, one)
  if (wanted.size === 0 && Array.isArray(operand) && operand.length === 0) {
    throw new CommandError('FailedToParse', '$type must match at least one type')
  }
  return (value) => wanted.has(typeOf(value))
}

function addType(wanted: Set<ValueType>, name: unknown): void {
  if (name === 'number') {
    for (const type of ['int', 'long', 'double', 'decimal'] as const) wanted.add(type)
  } else if (typeof name === 'string') {
    if (neverStoredNames.has(name)) return
    if (!names.has(name)) throw new CommandError('BadValue', `Unknown type name alias: ${name}`)
    wanted.add(name as ValueType)
  } else {
    const code = numericCode(name)
    if (code in neverStored) return
    const type = typesByCode[code]
    if (type === undefined) throw new CommandError('BadValue', `Invalid numerical type code: ${code}`)
    wanted.add(type)
  }
}

function numericCode(value: unknown): number {
  if (value instanceof Int32 || value instanceof Double) return value.value
  if (typeof value === 'number') return value
  if (isLong(value)) return value.toNumber()
  throw new CommandError('TypeMismatch', 'type must be represented as a number or a string')
}
