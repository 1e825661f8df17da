import { CommandError } from '../../errors.ts'
import { isDoc } from '../value-type.ts'
import { canonical } from './canonical-value.ts'
import type { ValueTest } from './condition.ts'
import { wholeNumber, type Keyword } from './json-schema-keyword.ts'

function aboutArrays(test: (array: readonly unknown[]) => boolean): ValueTest {
  return (value) => !Array.isArray(value) || test(value)
}

function count(name: string, holds: (count: number, limit: number) => boolean): Keyword {
  return (operand) => {
    const limit = wholeNumber(name, operand)
    return aboutArrays((array) => holds(array.length, limit))
  }
}

/** One schema for all elements, or one for each place. */
const items: Keyword = (operand, _schema, compile) => {
  if (isDoc(operand)) {
    const test = compile(operand)
    return aboutArrays((array) => array.every(test))
  }
  if (!Array.isArray(operand)) {
    throw new CommandError('TypeMismatch', "$jsonSchema keyword 'items' must be an array or an object")
  }
  const tests = operand.map((schema: unknown) => compile(schema))
  return aboutArrays((array) => tests.every((test, place) => place >= array.length || test(array[place])))
}

/** What lies behind the places of `items`; without places it says nothing. */
const additionalItems: Keyword = (operand, schema, compile) => {
  if (typeof operand !== 'boolean' && !isDoc(operand)) {
    throw new CommandError(
      'TypeMismatch',
      "$jsonSchema keyword 'additionalItems' must be either an object or a boolean",
    )
  }
  const places = schema['items']
  if (operand === true || !Array.isArray(places)) return undefined
  const test = operand === false ? () => false : compile(operand)
  return aboutArrays((array) => array.slice(places.length).every(test))
}

const uniqueItems: Keyword = (operand) => {
  if (typeof operand !== 'boolean') {
    throw new CommandError('TypeMismatch', "$jsonSchema keyword 'uniqueItems' must be a boolean")
  }
  if (!operand) return undefined
  return aboutArrays((array) => new Set(array.map(canonical)).size === array.length)
}

/** What a schema can say of an array. */
export const arrayKeywords: Readonly<Record<string, Keyword>> = {
  items,
  additionalItems,
  uniqueItems,
  minItems: count('minItems', (length, limit) => length >= limit),
  maxItems: count('maxItems', (length, limit) => length <= limit),
}
