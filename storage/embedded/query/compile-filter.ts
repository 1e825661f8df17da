import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { compileExpression, newContext, type ExpressionContext } from './expression/compile-expression.ts'
import { isTrue } from './expression/evaluate.ts'
import { allOf, conditionAtPath, type DocTest } from './filter/condition.ts'
import { compileCondition } from './filter/field-operators.ts'
import { compileJsonSchema } from './filter/json-schema.ts'
import { isDoc } from './value-type.ts'

const refusedOperators = new Set(['$where', '$text', '$sampleRate', '$alwaysTrue', '$alwaysFalse'])

const referenceFields = new Set(['$ref', '$id', '$db'])

/**
 * Compiles a filter to a function that says whether a document matches. Malformed filters throw MongoDB's errors,
 * operators outside the subset are refused by name. With null for the context, `$expr` is refused, as it is
 * everywhere but at the top of a query.
 */
export function compileFilter(filter: Doc, context: ExpressionContext | null = newContext()): DocTest {
  const tests: DocTest[] = []
  for (const [field, operand] of Object.entries(filter)) {
    if (field === '$comment') continue
    const compile = field.startsWith('$') && !referenceFields.has(field) ? compileLogical : compileField
    tests.push(compile(field, operand, context))
  }
  return allOf(tests)
}

function compileField(path: string, operand: unknown): DocTest {
  return conditionAtPath(
    path,
    compileCondition(operand, (filter) => compileFilter(filter, null)),
  )
}

function compileLogical(operator: string, operand: unknown, context: ExpressionContext | null): DocTest {
  switch (operator) {
    case '$and':
      return allOf(compileBranches(operator, operand, context))
    case '$or': {
      const branches = compileBranches(operator, operand, context)
      return (doc) => branches.some((branch) => branch(doc))
    }
    case '$nor': {
      const branches = compileBranches(operator, operand, context)
      return (doc) => !branches.some((branch) => branch(doc))
    }
    case '$expr': {
      if (context === null) throw new CommandError('BadValue', '$expr can only be applied to the top-level document')
      const evaluate = compileExpression(operand, context)
      return (doc) => isTrue(evaluate({ root: doc, variables: undefined }))
    }
    case '$jsonSchema':
      if (context === null) throw unsupported('BadValue', '$jsonSchema of an array element')
      return compileJsonSchema(operand)
    default:
      if (refusedOperators.has(operator)) throw unsupported('BadValue', `the query operator ${operator}`)
      throw new CommandError('BadValue', `unknown top level operator: ${operator}`)
  }
}

function compileBranches(operator: string, operand: unknown, context: ExpressionContext | null): DocTest[] {
  if (!Array.isArray(operand) || operand.length === 0) {
    throw new CommandError('BadValue', `${operator} must be a nonempty array`)
  }
  return operand.map((branch: unknown) => {
    if (!isDoc(branch)) throw new CommandError('BadValue', `${operator} entries need to be full objects`)
    return compileFilter(branch, context)
  })
}
