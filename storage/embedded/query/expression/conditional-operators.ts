import { CommandError } from '../../errors.ts'
import { isDoc } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, isTrue, namedOperands } from './evaluate.ts'

const condition: ExpressionOperator = (operand, compile, name) => {
  if (Array.isArray(operand) && operand.length !== 3) {
    throw new CommandError(
      'Location16020',
      `Expression $cond takes exactly 3 arguments. ${operand.length} were passed in.`,
    )
  }
  const branches: readonly unknown[] = Array.isArray(operand)
    ? operand
    : ['if', 'then', 'else'].map((key) => namedOperands(operand, name, { required: ['if', 'then', 'else'] })[key])
  const [when, then, otherwise] = [compile(branches[0]), compile(branches[1]), compile(branches[2])]
  return (scope) => (isTrue(when(scope)) ? then(scope) : otherwise(scope))
}

const ifNull: ExpressionOperator = (operand, compile, name) => {
  if (!Array.isArray(operand) || operand.length < 2) {
    throw new CommandError('Location1257300', `${name} needs at least two arguments`)
  }
  const operands = operand.map((one: unknown) => compile(one))
  return (scope) => {
    let value: unknown
    for (const evaluate of operands) {
      value = evaluate(scope)
      if (!isNullish(value)) return value
    }
    return value
  }
}

const switchOver: ExpressionOperator = (operand, compile, name) => {
  const { branches, default: fallback } = namedOperands(operand, name, {
    required: ['branches'],
    optional: ['default'],
  })
  if (!Array.isArray(branches)) throw new CommandError('Location40061', "$switch expected an array for 'branches'")
  if (branches.length === 0) throw new CommandError('Location40068', '$switch requires at least one branch')
  const compiled = branches.map((branch: unknown) => {
    if (!isDoc(branch)) throw new CommandError('Location40062', '$switch expected each branch to be an object')
    const parts = namedOperands(branch, '$switch branch', { required: ['case', 'then'] })
    return { when: compile(parts.case), value: compile(parts.then) }
  })
  const otherwise = isDoc(operand) && Object.hasOwn(operand, 'default') ? compile(fallback) : undefined
  return (scope) => {
    const taken = compiled.find(({ when }) => isTrue(when(scope)))
    if (taken !== undefined) return taken.value(scope)
    if (otherwise !== undefined) return otherwise(scope)
    throw new CommandError(
      'Location40066',
      '$switch could not find a matching branch for an input, and no default was specified.',
    )
  }
}

export const conditionalOperators: ExpressionOperators = { $cond: condition, $ifNull: ifNull, $switch: switchOver }
