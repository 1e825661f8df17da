import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { allOf, conditionAtPath, type DocTest } from './filter/condition.ts'
import { compileCondition } from './filter/field-operators.ts'
import { isDoc } from './value-type.ts'

const refusedOperators = new Set(['$where', '$text', '$jsonSchema', '$sampleRate', '$alwaysTrue', '$alwaysFalse'])

/**
 * Compiles a filter to a function that says whether a document matches. Malformed filters throw MongoDB's errors,
 * operators outside the subset are refused by name.
 */
export function compileFilter(filter: Doc): DocTest {
  const tests: DocTest[] = []
  for (const [field, operand] of Object.entries(filter)) {
    if (field === '$comment') continue
    tests.push(field.startsWith('$') ? compileLogical(field, operand) : compileField(field, operand))
  }
  return allOf(tests)
}

function compileField(path: string, operand: unknown): DocTest {
  return conditionAtPath(path, compileCondition(operand, compileFilter))
}

function compileLogical(operator: string, operand: unknown): DocTest {
  switch (operator) {
    case '$and':
      return allOf(compileBranches(operator, operand))
    case '$or': {
      const branches = compileBranches(operator, operand)
      return (doc) => branches.some((branch) => branch(doc))
    }
    case '$nor': {
      const branches = compileBranches(operator, operand)
      return (doc) => !branches.some((branch) => branch(doc))
    }
    default:
      if (refusedOperators.has(operator)) throw unsupported('BadValue', `the query operator ${operator}`)
      throw new CommandError('BadValue', `unknown top level operator: ${operator}`)
  }
}

function compileBranches(operator: string, operand: unknown): DocTest[] {
  if (!Array.isArray(operand) || operand.length === 0) {
    throw new CommandError('BadValue', `${operator} must be a nonempty array`)
  }
  return operand.map((branch: unknown) => {
    if (!isDoc(branch)) throw new CommandError('BadValue', `${operator} entries need to be full objects`)
    return compileFilter(branch)
  })
}
