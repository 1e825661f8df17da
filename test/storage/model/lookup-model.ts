import { type Document, Long } from 'bson'
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

/** `$graphLookup`: what can be reached, each document once, at the smallest depth. */
export function reached(spec: Document, doc: Document, foreign: readonly Document[]): Document[] {
  const { startWith, connectFromField, connectToField, maxDepth, depthField } = spec
  const start = evaluate(startWith, { ROOT: doc })
  if (start === undefined || start === null) throw new Unspecified('a graph that begins with nothing')
  let values: unknown[] = Array.isArray(start) ? start : [start]
  const found: Document[] = []
  for (let depth = 0; depth <= Number(maxDepth ?? foreign.length); depth++) {
    const next = foreign.filter(
      (one) =>
        !found.some(({ _id }) => compareOperands(_id, one['_id']) === 0) &&
        values.some((value) => modelMatches(one, { [connectToField as string]: { $eq: value } })),
    )
    const further = next.map((one) => (connectFromField as string).split('.').reduce<unknown>(child, one))
    if (further.some((one) => one === null || (Array.isArray(one) && one.some((inner) => inner === null)))) {
      throw new Unspecified('a graph that goes on from null')
    }
    values = further.filter((one) => one !== undefined).flat(1)
    found.push(
      ...next.map((one) =>
        depthField === undefined ? one : { ...one, [depthField as string]: Long.fromNumber(depth) },
      ),
    )
  }
  return found
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
