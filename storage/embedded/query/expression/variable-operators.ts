import { CommandError } from '../../errors.ts'
import { isDoc } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, namedOperands, type Variables } from './evaluate.ts'

/** Refuses names that MongoDB keeps for itself: a variable starts with a lowercase letter, or is CURRENT. */
export function checkVariableName(name: string): void {
  if (name === 'CURRENT') return
  if (!/^[a-z\u0080-\uffff]/.test(name)) {
    throw new CommandError('Location16867', `'${name}' starts with an invalid character for a user variable name`)
  }
  if (!/^[\w\u0080-\uffff]*$/.test(name)) {
    throw new CommandError('Location16868', `'${name}' contains an invalid character for a variable name`)
  }
}

const letIn: ExpressionOperator = (operand, compile, name) => {
  const { vars, in: body } = namedOperands(operand, name, { required: ['vars', 'in'] })
  if (!isDoc(vars)) throw new CommandError('FailedToParse', 'invalid parameter: expected an object (vars)')
  const names = Object.keys(vars)
  for (const variable of names) checkVariableName(variable)
  const values = Object.entries(vars).map(([variable, value]) => [variable, compile(value)] as const)
  const evaluate = compile(body, names)
  return (scope) => {
    let variables: Variables | undefined = scope.variables
    for (const [variable, value] of values) variables = { name: variable, value: value(scope), outer: variables }
    return evaluate({ root: scope.root, variables })
  }
}

const literal: ExpressionOperator = (operand) => () => operand

export const variableOperators: ExpressionOperators = { $let: letIn, $literal: literal, $const: literal }
