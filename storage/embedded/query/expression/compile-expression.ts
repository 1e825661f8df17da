import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf, setField } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { arithmeticOperators } from './arithmetic-operators.ts'
import { arrayOperators } from './array-operators.ts'
import { bitOperators } from './bit-operators.ts'
import { booleanOperators } from './boolean-operators.ts'
import { comparisonOperators } from './comparison-operators.ts'
import { conditionalOperators } from './conditional-operators.ts'
import { dateOperators } from './date-operators.ts'
import { dateStringOperators } from './date-string-operators.ts'
import type { Evaluate, ExpressionOperators, Scope } from './evaluate.ts'
import { numberFunctions } from './number-functions.ts'
import { objectOperators } from './object-operators.ts'
import { refusedExpressionOperators } from './refused-operators.ts'
import { regexOperators } from './regex-operators.ts'
import { setOperators } from './set-operators.ts'
import { sizeOperators } from './size-operators.ts'
import { someElements } from './some-elements.ts'
import { statisticOperators } from './statistic-operators.ts'
import { stringOperators } from './string-operators.ts'
import { substringOperators } from './substring-operators.ts'
import { typeOperators } from './type-operators.ts'
import { variableOperators } from './variable-operators.ts'

const operators: ExpressionOperators = {
  ...arithmeticOperators,
  ...numberFunctions,
  ...comparisonOperators,
  ...booleanOperators,
  ...conditionalOperators,
  ...stringOperators,
  ...substringOperators,
  ...regexOperators,
  ...arrayOperators,
  ...setOperators,
  ...objectOperators,
  ...statisticOperators,
  ...dateOperators,
  ...dateStringOperators,
  ...typeOperators,
  ...variableOperators,
  ...bitOperators,
  ...sizeOperators,
  ...someElements,
}

/**
 * What is known when an expression is compiled: the names of variables that its scope will hold, variables whose
 * values are settled already, and the time that `$$NOW` stands for.
 */
export type ExpressionContext = { variables: readonly string[]; constants: ReadonlyMap<string, unknown>; now: Date }

/** Compiles an aggregation expression: a field path, a variable, an operator, a document, an array or a constant. */
export function compileExpression(expression: unknown, context: ExpressionContext = newContext()): Evaluate {
  if (typeof expression === 'string') {
    if (expression.startsWith('$$')) return compileVariable(expression.slice(2), context)
    if (expression.startsWith('$')) return compileFieldPath(expression.slice(1), context)
    return () => expression
  }
  if (Array.isArray(expression)) {
    const elements = expression.map((element: unknown) => compileExpression(element, context))
    return (scope) => elements.map((evaluate) => evaluate(scope) ?? null)
  }
  if (!isDoc(expression)) return () => expression
  const fields = Object.keys(expression)
  const operator = fields.find((field) => field.startsWith('$'))
  if (operator === undefined) return compileDocument(expression, context)
  if (fields.length > 1) {
    throw new CommandError(
      'Location15983',
      `An object representing an expression must have exactly one field: ${fields.join(', ')}`,
    )
  }
  return compileOperator(operator, expression[operator], context)
}

/** A context without variables whose `$$NOW` is the present. */
export function newContext(): ExpressionContext {
  return { variables: [], constants: new Map(), now: new Date() }
}

/** Whether MongoDB has an expression operator of that name, supported here or not. */
export function isExpressionOperator(name: string): boolean {
  return Object.hasOwn(operators, name) || refusedExpressionOperators.has(name)
}

function compileOperator(name: string, operand: unknown, context: ExpressionContext): Evaluate {
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (operator === undefined) {
    if (refusedExpressionOperators.has(name)) {
      throw unsupported('InvalidPipelineOperator', `the expression operator ${name}`)
    }
    throw new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`)
  }
  const compile = (inner: unknown, variables: readonly string[] = []): Evaluate =>
    compileExpression(inner, { ...context, variables: [...context.variables, ...variables] })
  return operator(operand, compile, name)
}

function compileDocument(expression: Doc, context: ExpressionContext): Evaluate {
  const fields = Object.entries(expression).map(([field, value]) => {
    if (field.includes('.')) {
      throw new CommandError(
        'Location16412',
        `FieldPath field names may not contain '.'. Consider using $getField or $setField. ${field}`,
      )
    }
    return [field, compileExpression(value, context)] as const
  })
  return (scope) => {
    const doc: Doc = {}
    for (const [field, evaluate] of fields) {
      const value = evaluate(scope)
      if (value !== undefined) setField(doc, field, value)
    }
    return doc
  }
}

function compileVariable(reference: string, context: ExpressionContext): Evaluate {
  const dot = reference.indexOf('.')
  const name = dot < 0 ? reference : reference.slice(0, dot)
  const start = variableReader(name, context)
  if (dot < 0) return start
  const parts = checkedParts(reference.slice(dot + 1))
  return (scope) => {
    const value = start(scope)
    return Array.isArray(value) ? valuesInArray(value, parts, 0) : isDoc(value) ? valueIn(value, parts, 0) : undefined
  }
}

function variableReader(name: string, context: ExpressionContext): Evaluate {
  if (context.variables.includes(name)) return (scope) => variable(scope, name)
  if (context.constants.has(name)) {
    const constant = context.constants.get(name)
    return () => constant
  }
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      return (scope) => scope.root
    case 'NOW':
      return () => context.now
    case 'REMOVE':
      return () => undefined
    case 'CLUSTER_TIME':
    case 'USER_ROLES':
    case 'SEARCH_META':
      throw unsupported('InvalidPipelineOperator', `the variable $$${name}`)
    default:
      throw new CommandError('Location17276', `Use of undefined variable: ${name}`)
  }
}

function variable(scope: Scope, name: string): unknown {
  for (let known = scope.variables; known !== undefined; known = known.outer) {
    if (known.name === name) return known.value
  }
  return undefined
}

/** A path starts at `$$CURRENT`, which is the document unless it was bound to something else. */
function compileFieldPath(path: string, context: ExpressionContext): Evaluate {
  if (context.variables.includes('CURRENT') || context.constants.has('CURRENT')) {
    return compileVariable(`CURRENT.${path}`, context)
  }
  const parts = checkedParts(path)
  const [only] = parts
  if (parts.length === 1) return ({ root }) => fieldOf(root, only as string)
  return ({ root }) => valueIn(root, parts, 0)
}

function checkedParts(path: string): string[] {
  const parts = path.split('.')
  if (path === '') throw new CommandError('Location16872', "'$' by itself is not a valid FieldPath")
  if (parts.includes('')) throw new CommandError('Location15998', 'FieldPath field names may not be empty strings.')
  if (path.includes('\0')) throw new CommandError('Location16411', 'FieldPath field names may not contain null bytes.')
  if (parts.some((part) => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part))) {
    throw new CommandError('Location16410', `FieldPath field names may not start with '$': '${path}'`)
  }
  return parts
}

/** The value at a path; through an array it is the array of what its documents hold there. */
function valueIn(doc: Doc, parts: readonly string[], part: number): unknown {
  const value = fieldOf(doc, parts[part] as string)
  if (part === parts.length - 1) return value
  if (isDoc(value)) return valueIn(value, parts, part + 1)
  return Array.isArray(value) ? valuesInArray(value, parts, part + 1) : undefined
}

function valuesInArray(array: readonly unknown[], parts: readonly string[], part: number): unknown[] {
  const values: unknown[] = []
  for (const element of array) {
    const value = isDoc(element) ? valueIn(element, parts, part) : undefined
    if (value !== undefined) values.push(value)
  }
  return values
}
