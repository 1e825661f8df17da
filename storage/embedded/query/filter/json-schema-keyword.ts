import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { integerArgument } from '../integer-argument.ts'
import { isNumber } from '../value-type.ts'
import type { ValueTest } from './condition.ts'

/** Compiles one keyword of a schema; undefined when it asks for nothing. */
export type Keyword = (operand: unknown, schema: Doc, compile: (schema: unknown) => ValueTest) => ValueTest | undefined

/** The operand of a keyword that counts. */
export function wholeNumber(name: string, operand: unknown): number {
  const number = integerArgument(operand)
  if (number !== undefined && number >= 0) return number
  throw new CommandError(
    isNumber(operand) ? 'FailedToParse' : 'TypeMismatch',
    `$jsonSchema keyword '${name}' must be a whole number of 0 or more`,
  )
}
