import { Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { compareValues } from '../compare-values.ts'
import { isDoc, isNumber, typeOf } from '../value-type.ts'
import { compileGroup } from './group-stage.ts'
import { sortStage } from './sort-stage.ts'
import type { StageCompiler } from './stage.ts'

/** Whether a value says what to group by: a path or an expression, not a constant. */
export function isGroupBy(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('$')
  return isDoc(value) && Object.keys(value)[0]?.startsWith('$') === true
}

/** `$bucket` is, as in MongoDB, a `$group` by a `$switch` over the boundaries, and a `$sort`. */
export const compileBucket: StageCompiler = (spec, context) => {
  if (!isDoc(spec)) throw new CommandError('Location40201', 'Argument to $bucket stage must be an object')
  const { groupBy, boundaries, default: otherwise, output = { count: { $sum: new Int32(1) } }, ...others } = spec
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('Location40197', `Unrecognized option to $bucket: ${unknown}.`)
  if (groupBy === undefined || boundaries === undefined) {
    throw new CommandError('Location40198', "$bucket requires 'groupBy' and 'boundaries' to be specified.")
  }
  if (!isGroupBy(groupBy)) {
    throw new CommandError(
      'Location40202',
      "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression",
    )
  }
  if (!isDoc(output)) throw new CommandError('Location40196', "The $bucket 'output' field must be an object")
  const edges = edgesOf(boundaries)
  if (otherwise !== undefined && isInside(otherwise, edges)) {
    throw new CommandError(
      'Location40199',
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    )
  }
  const branches = edges.slice(1).map((upper, place) => ({
    case: { $and: [{ $gte: [groupBy, literal(edges[place])] }, { $lt: [groupBy, literal(upper)] }] },
    // oxlint-disable-next-line unicorn/no-thenable -- an argument of $switch
    then: literal(edges[place]),
  }))
  const fallback = otherwise === undefined ? {} : { default: literal(otherwise) }
  const group = compileGroup({ _id: { $switch: { branches, ...fallback } }, ...output }, context)
  return [...group, sortStage({ _id: new Int32(1) }, context.environment)]
}

function edgesOf(boundaries: unknown): readonly unknown[] {
  if (!Array.isArray(boundaries)) {
    throw new CommandError(
      'Location40200',
      `The $bucket 'boundaries' field must be an array, but found type: ${typeOf(boundaries)}.`,
    )
  }
  if (boundaries.length < 2) {
    throw new CommandError('Location40192', "The $bucket 'boundaries' field must have at least 2 values")
  }
  for (const [place, edge] of boundaries.entries()) {
    if (isGroupBy(edge))
      throw new CommandError('Location40191', "The $bucket 'boundaries' field must be an array of constants")
    if (place === 0) continue
    const before: unknown = boundaries[place - 1]
    if (kindOf(before) !== kindOf(edge)) {
      throw new CommandError(
        'Location40193',
        "All values in the 'boundaries' option to $bucket must have the same type.",
      )
    }
    if (compareValues(before, edge) >= 0) {
      throw new CommandError('Location40194', "The 'boundaries' option to $bucket must be sorted in ascending order")
    }
  }
  return boundaries
}

function kindOf(value: unknown): string {
  return isNumber(value) ? 'number' : typeOf(value)
}

function isInside(value: unknown, edges: readonly unknown[]): boolean {
  if (isGroupBy(value)) throw new CommandError('Location40195', "The $bucket 'default' field must be a constant")
  return compareValues(value, edges[0]) >= 0 && compareValues(value, edges.at(-1)) < 0
}

function literal(value: unknown): { $literal: unknown } {
  return { $literal: value }
}
