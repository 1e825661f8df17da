import { type Document, Int32 } from 'bson'
import { exactly, numberType } from './numbers.ts'
import { compare, isDocument } from './order.ts'
import { refuse, Unspecified } from './unspecified.ts'

/** The values of an expression's variables; `ROOT` is the document. */
export type Variables = { readonly ROOT: Document; readonly [name: string]: unknown }

/** The value of an aggregation expression; undefined is a missing one. */
export function evaluate(expression: unknown, variables: Variables): unknown {
  if (typeof expression === 'string' && expression.startsWith('$')) return atPath(expression, variables)
  if (Array.isArray(expression)) return expression.map((one) => evaluate(one, variables) ?? null)
  if (!isDocument(expression)) return expression
  const [operator] = Object.keys(expression)
  if (operator?.startsWith('$') === true) return operate(operator, expression[operator], variables)
  const fields = Object.entries(expression).map(([field, one]) => [field, evaluate(one, variables)] as const)
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

function atPath(path: string, variables: Variables): unknown {
  const [name, ...rest] = path.startsWith('$$') ? path.slice(2).split('.') : ['ROOT', ...path.slice(1).split('.')]
  return inside(variables[name as string], rest)
}

/** Through an array a path names the list of what it names in the documents of the array. */
function inside(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value
  if (Array.isArray(value)) {
    const documents = value.filter(isDocument)
    return documents.map((one) => inside(one, [name, ...rest])).filter((one) => one !== undefined)
  }
  return isDocument(value) && Object.hasOwn(value, name) ? inside(value[name], rest) : undefined
}

/** Missing values come before null here, unlike in queries. */
export function compareOperands(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  return compare(a, b)
}

function isNullish(value: unknown): boolean {
  return value === undefined || value === null
}

function isTrue(value: unknown): boolean {
  if (numberType(value) === undefined) return !isNullish(value) && value !== false
  const exact = exactly(value)
  return exact.kind !== 'finite' || exact.digits !== 0n
}

const comparisons: Readonly<Record<string, (order: number) => unknown>> = {
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $cmp: (order) => new Int32(Math.sign(order)),
}

function operate(operator: string, operand: unknown, variables: Variables): unknown {
  if (operator === '$literal') return operand
  const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
  const valueOf = (one: unknown): unknown => evaluate(one, variables)
  // These look at no more operands than they need.
  if (operator === '$and') return operands.every((one) => isTrue(valueOf(one)))
  if (operator === '$or') return operands.some((one) => isTrue(valueOf(one)))
  if (operator === '$cond') return valueOf(isTrue(valueOf(operands[0])) ? operands[1] : operands[2])
  if (operator === '$ifNull') return valueOf(operands.find((one) => !isNullish(valueOf(one))) ?? operands.at(-1))
  const values = operands.map(valueOf)
  const [a, b] = values
  const comparison = comparisons[operator]
  if (comparison !== undefined) return comparison(compareOperands(a, b))
  switch (operator) {
    case '$not':
      return !isTrue(a)
    case '$isArray':
      return Array.isArray(a)
    case '$size':
      return Array.isArray(a) ? new Int32(a.length) : refuse(17124)
    case '$concatArrays': {
      const odd = values.filter((one) => !Array.isArray(one))
      if (odd.length === 0) return values.flat(1)
      // The manual has null win, the server what stands first.
      if (odd.some(isNullish) && !odd.every(isNullish)) throw new Unspecified('null and what is no array')
      return isNullish(odd[0]) ? null : refuse(28664)
    }
    case '$mergeObjects':
      return values.every((one) => isNullish(one) || isDocument(one)) ? Object.assign({}, ...values) : refuse(40400)
    default:
      throw new Error(`an expression that the model does not know: ${operator}`)
  }
}
