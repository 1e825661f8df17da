import type { Document } from 'bson'
import { modelMatches } from '../query/filter-model.ts'
import { compareOperands, evaluate } from './expression-model.ts'
import { isDocument } from './order.ts'
import { child } from './update-paths.ts'
import { Unspecified } from './unspecified.ts'

/** The documents of the other collection that a `$lookup` finds for one, before its own pipeline. */
export function joined(
  { localField, foreignField }: Document,
  doc: Document,
  foreign: readonly Document[],
): Document[] {
  if (localField === undefined) return [...foreign]
  const wanted = localValues(doc, (localField as string).split('.'))
  return foreign.filter((one) =>
    wanted.some((value) => modelMatches(one, { [foreignField as string]: { $eq: value } })),
  )
}

/** Each element of an array counts; what is missing counts as null. */
function localValues(value: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new Unspecified('a join by an empty array')
    if (value.some(Array.isArray)) throw new Unspecified('a join by arrays in an array')
    if (name === undefined) return value
    if (!value.every((one) => isDocument(one) && child(one, name) !== undefined)) {
      throw new Unspecified('a join by a field that some elements lack')
    }
    return value.flatMap((one) => localValues(child(one, name), rest))
  }
  if (name === undefined) return [value ?? null]
  return localValues(isDocument(value) ? child(value, name) : undefined, rest)
}

/** A `$match` with `{ $expr: { $eq: ['$field', '$$variable'] } }`, as a join by variables has it. */
export function matchesExpression(
  { $expr: expression }: Document,
  doc: Document,
  variables: { readonly [name: string]: unknown },
): boolean {
  const { $eq: sides } = expression as { $eq: unknown[] }
  const [a, b] = sides.map((one) => evaluate(one, { ...variables, ROOT: doc }))
  return compareOperands(a, b) === 0
}
