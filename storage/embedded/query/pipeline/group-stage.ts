import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { encodeKey } from '../encode-key.ts'
import { compileExpression, type ExpressionContext } from '../expression/compile-expression.ts'
import type { Evaluate } from '../expression/evaluate.ts'
import { refusedExpressionOperators } from '../expression/refused-operators.ts'
import { someElements } from '../expression/some-elements.ts'
import { setField } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { type Accumulator, accumulators } from './accumulators.ts'
import { MemoryMeter, sizeOfValue } from './memory-meter.ts'
import type { StageCompiler } from './stage.ts'

/** One field of a group: what it keeps and from what. */
export type GroupField = { field: string; create: () => Accumulator; evaluate: Evaluate }

/** How many documents are taken, or groups handed on, between two looks at the clock. */
const docsPerBreath = 64

export const compileGroup: StageCompiler = (spec, { environment, expressions }) => {
  if (!isDoc(spec)) throw new CommandError('Location15947', "a group's fields must be specified in an object")
  if (!Object.hasOwn(spec, '_id')) throw new CommandError('Location15955', 'a group specification must include an _id')
  const { _id: key, ...others } = spec
  const evaluateKey = compileKey(key, expressions)
  const fields = Object.entries(others).map(([field, value]) => compileGroupField(field, value, expressions))
  return [
    {
      kind: 'whole',
      async *run(source) {
        const meter = new MemoryMeter('$group', environment.memoryLimitBytes)
        const groups = new Map<string, { id: unknown; kept: Accumulator[] }>()
        let seen = 0
        for await (const root of source) {
          if (++seen % docsPerBreath === 0) await environment.breathe?.()
          const scope = { root, variables: undefined }
          const id = evaluateKey(scope) ?? null
          const encoded = encodeKey([id], [1]).toString('latin1')
          let group = groups.get(encoded)
          if (group === undefined) {
            group = { id, kept: fields.map((field) => field.create()) }
            groups.set(encoded, group)
            meter.add(encoded.length + sizeOfValue(id) + 64)
          }
          for (const [index, { evaluate }] of fields.entries()) {
            meter.add((group.kept[index] as Accumulator).add(evaluate(scope)))
          }
        }
        let place = 0
        for (const { id, kept } of groups.values()) {
          if (++place % docsPerBreath === 0) await environment.breathe?.()
          yield groupDoc(id, fields, kept)
        }
      },
    },
  ]
}

/** In a key of one field, as in a key that is no document, what is missing counts as null. */
function compileKey(key: unknown, context: ExpressionContext): Evaluate {
  const evaluate = compileExpression(key, context)
  const [field, ...more] = isDoc(key) ? Object.keys(key) : []
  if (field === undefined || more.length > 0 || field.startsWith('$')) return evaluate
  return (scope) => {
    const id = evaluate(scope)
    return isDoc(id) && !Object.hasOwn(id, field) ? { [field]: null } : id
  }
}

function groupDoc(id: unknown, fields: readonly GroupField[], kept: readonly Accumulator[]): Doc {
  const doc: Doc = { _id: id }
  for (const [index, { field }] of fields.entries()) setField(doc, field, (kept[index] as Accumulator).result() ?? null)
  return doc
}

/** Compiles a field and its accumulator. */
export function compileGroupField(field: string, value: unknown, context: ExpressionContext): GroupField {
  if (field.includes('.')) throw new CommandError('Location40235', `The field name '${field}' cannot contain '.'`)
  if (field.startsWith('$')) {
    throw new CommandError('Location40236', `The field name '${field}' cannot be an operator name`)
  }
  if (!isDoc(value)) throw new CommandError('Location40234', `The field '${field}' must be an accumulator object`)
  const [operator, ...more] = Object.keys(value)
  if (operator === undefined || more.length > 0) {
    throw new CommandError('Location40238', `The field '${field}' must specify one accumulator`)
  }
  const create = Object.hasOwn(accumulators, operator) ? accumulators[operator] : undefined
  if (create === undefined) {
    if (refusedExpressionOperators.has(operator) || operator in someElements)
      throw unsupported('Location15952', `the group operator ${operator}`)
    throw new CommandError('Location15952', `unknown group operator '${operator}'`)
  }
  const operand = value[operator]
  if (Array.isArray(operand)) {
    throw new CommandError('Location40237', `The ${operator} accumulator is a unary operator`)
  }
  if (operator === '$count' && !(isDoc(operand) && Object.keys(operand).length === 0)) {
    throw new CommandError('BadValue', '$count takes no arguments, i.e. $count:{}')
  }
  return { field, create, evaluate: compileExpression(operand, context) }
}
