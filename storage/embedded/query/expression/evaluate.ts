import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compareValues } from '../compare-values.ts'
import { equalTo } from '../filter/comparison.ts'
import { argumentCodes } from './argument-codes.ts'
import { emptyArrayKey, isDoc, isNumber } from '../value-type.ts'

/** A variable and those around it. */
export type Variables = { name: string; value: unknown; outer: Variables | undefined }

/** What an expression can see: the document at hand and the variables. */
export type Scope = { root: Doc; variables: Variables | undefined }

/** A compiled expression; undefined is a missing value. */
export type Evaluate = (scope: Scope) => unknown

/** Compiles an operand, in which the named variables are known besides those outside. */
export type CompileOperand = (operand: unknown, variables?: readonly string[]) => Evaluate

/** Compiles one operator's operand. */
export type ExpressionOperator = (operand: unknown, compile: CompileOperand, name: string) => Evaluate

/** The operators of one family by their names. */
export type ExpressionOperators = Readonly<Record<string, ExpressionOperator>>

/** An operator that takes between `least` and `most` values. */
export function positional(
  least: number,
  most: number,
  apply: (values: readonly unknown[], name: string) => unknown,
): ExpressionOperator {
  return (operand, compile, name) => {
    const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
    if (operands.length < least || operands.length > most)
      throw wrongCount(name, { least, most, given: operands.length })
    const evaluates = operands.map((one) => compile(one))
    return (scope) =>
      apply(
        evaluates.map((evaluate) => evaluate(scope)),
        name,
      )
  }
}

/** An operator of exactly one value. */
export function unary(apply: (value: unknown, name: string) => unknown): ExpressionOperator {
  return positional(1, 1, ([value], name) => apply(value, name))
}

/** An operator that takes any number of values. */
export function variadic(apply: (values: readonly unknown[], name: string) => unknown): ExpressionOperator {
  return positional(0, Number.POSITIVE_INFINITY, apply)
}

/** An operator that takes a document of named arguments; one not given is undefined. */
export function named<Name extends string>(
  { required, optional = [] }: { required: readonly Name[]; optional?: readonly Name[] },
  apply: (values: Readonly<Record<Name, unknown>>, name: string) => unknown,
): ExpressionOperator {
  return (operand, compile, name) => {
    const given = namedOperands(operand, name, { required, optional })
    const evaluates = Object.entries(given).map(([key, value]) => [key, compile(value)] as const)
    return (scope) => {
      const values: Record<string, unknown> = {}
      for (const [key, evaluate] of evaluates) values[key] = evaluate(scope)
      return apply(values as Record<Name, unknown>, name)
    }
  }
}

/** Checks that an operand is a document with these fields and no others. */
export function namedOperands(
  operand: unknown,
  name: string,
  { required, optional = [] }: { required: readonly string[]; optional?: readonly string[] },
): Doc {
  const codes = argumentCodes[name] ?? {}
  if (!isDoc(operand)) {
    throw new CommandError(codes.notDocument ?? 'FailedToParse', `${name} only supports an object as its argument`)
  }
  for (const field of Object.keys(operand)) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new CommandError(codes.unknown ?? 'FailedToParse', `${name} found an unknown argument: ${field}`)
    }
  }
  const missing = required.find((field) => !Object.hasOwn(operand, field))
  if (missing !== undefined) {
    throw new CommandError(codes.missing?.[missing] ?? 'FailedToParse', `${name} requires '${missing}'`)
  }
  return operand
}

function wrongCount(
  name: string,
  { least, most, given }: { least: number; most: number; given: number },
): CommandError {
  if (least === most) {
    return new CommandError(
      'Location16020',
      `Expression ${name} takes exactly ${least} arguments. ${given} were passed in.`,
    )
  }
  return new CommandError(
    'Location28667',
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${given} were passed in.`,
  )
}

/** Whether a value is null or missing. */
export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

const isZero = equalTo(0)

/** Whether an expression takes the value for true: all but false, null, missing and zero. */
export function isTrue(value: unknown): boolean {
  return !isNullish(value) && value !== false && !(isNumber(value) && isZero(value))
}

/** Compares as expressions do, where a missing value comes before null. */
export function compareOperands(a: unknown, b: unknown): number {
  return compareValues(a === undefined ? emptyArrayKey : a, b === undefined ? emptyArrayKey : b)
}
