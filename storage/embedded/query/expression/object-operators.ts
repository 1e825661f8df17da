import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf, setField } from '../field-path.ts'
import { isDoc, typeOf } from '../value-type.ts'
import {
  type ExpressionOperator,
  type ExpressionOperators,
  isNullish,
  namedOperands,
  unary,
  variadic,
} from './evaluate.ts'

function merged(values: readonly unknown[]): unknown {
  // One operand may be an array of the documents.
  const [only] = values
  const result: Doc = {}
  for (const value of values.length === 1 && Array.isArray(only) ? only : values) {
    if (isNullish(value)) continue
    if (!isDoc(value)) {
      throw new CommandError(
        'Location40400',
        `$mergeObjects requires object inputs, but input is of type ${typeOf(value)}`,
      )
    }
    for (const [field, inner] of Object.entries(value)) setField(result, field, inner)
  }
  return result
}

function pairsOf(value: unknown): unknown {
  if (isNullish(value)) return null
  if (isDoc(value)) return Object.entries(value).map(([k, v]) => ({ k, v }))
  throw new CommandError('Location40390', `$objectToArray requires a document input, found: ${typeOf(value)}`)
}

function fromPairs(value: unknown): unknown {
  if (isNullish(value)) return null
  if (!Array.isArray(value)) {
    throw new CommandError('Location40386', `$arrayToObject requires an array input, found: ${typeOf(value)}`)
  }
  const doc: Doc = {}
  for (const pair of value as unknown[]) {
    const [key, inner] = pairOf(pair)
    setField(doc, key, inner)
  }
  return doc
}

function pairOf(pair: unknown): [string, unknown] {
  const fields = isDoc(pair) ? Object.keys(pair) : []
  const parts: readonly unknown[] = Array.isArray(pair) ? pair : isDoc(pair) ? [pair.k, pair.v] : []
  const whole = Array.isArray(pair)
    ? pair.length === 2
    : fields.length === 2 && fields.includes('k') && fields.includes('v')
  const [key, value] = parts
  if (whole && typeof key === 'string') return [key, value]
  throw new CommandError(
    'Location40392',
    '$arrayToObject requires an array of two-element arrays or of documents with the fields k and v, where the key is a string',
  )
}

const getField: ExpressionOperator = (operand, compile, name) => {
  const short = !isDoc(operand) || !Object.hasOwn(operand, 'field')
  const given = short ? { field: operand } : namedOperands(operand, name, { required: ['field'], optional: ['input'] })
  const field = constantField(given.field, name)
  const input = compile(Object.hasOwn(given, 'input') ? given.input : '$$CURRENT')
  return (scope) => {
    const value = input(scope)
    return isDoc(value) ? fieldOf(value, field) : value === null ? null : undefined
  }
}

/** The name is a constant: `$literal` lets it start with a dollar. */
function constantField(field: unknown, name: string): string {
  const plain = isDoc(field) && Object.hasOwn(field, '$literal') ? field.$literal : field
  const isExpression = plain === field && typeof field === 'string' && field.startsWith('$')
  if (typeof plain === 'string' && !isExpression) return plain
  throw new CommandError('Location5654602', `${name} requires 'field' to evaluate to a constant string`)
}

function settingField(withValue: boolean): ExpressionOperator {
  return (operand, compile, name) => {
    const required = withValue ? ['field', 'input', 'value'] : ['field', 'input']
    const given = namedOperands(operand, name, { required })
    const field = constantField(given.field, name)
    const input = compile(given.input)
    const value = withValue ? compile(given.value) : () => undefined
    return (scope) => {
      const doc = input(scope)
      if (isNullish(doc)) return null
      if (!isDoc(doc)) throw new CommandError('Location4161105', `${name} requires 'input' to evaluate to type Object`)
      const copy = { ...doc }
      const put = value(scope)
      if (put === undefined) delete copy[field]
      else setField(copy, field, put)
      return copy
    }
  }
}

export const objectOperators: ExpressionOperators = {
  $mergeObjects: variadic(merged),
  $objectToArray: unary(pairsOf),
  $arrayToObject: unary(fromPairs),
  $getField: getField,
  $setField: settingField(true),
  $unsetField: settingField(false),
}
