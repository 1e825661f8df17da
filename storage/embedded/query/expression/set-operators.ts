import { CommandError, type ErrorCodeName } from '../../errors.ts'
import { typeOf } from '../value-type.ts'
import { compareOperands, type ExpressionOperators, isNullish, positional, variadic } from './evaluate.ts'

/** The distinct values in order: MongoDB leaves the order of sets open. */
function distinct(values: readonly unknown[]): unknown[] {
  const sorted = values.toSorted(compareOperands)
  return sorted.filter((value, index) => index === 0 || compareOperands(sorted[index - 1], value) !== 0)
}

function includes(set: readonly unknown[], value: unknown): boolean {
  return set.some((element) => compareOperands(element, value) === 0)
}

function arrays(values: readonly unknown[], code: ErrorCodeName, name: string): unknown[][] {
  return values.map((value): unknown[] => {
    if (Array.isArray(value)) return value
    throw new CommandError(code, `All operands of ${name} must be arrays. One argument is of type: ${typeOf(value)}`)
  })
}

function isSubset(small: readonly unknown[], large: readonly unknown[]): boolean {
  return small.every((value) => includes(large, value))
}

export const setOperators: ExpressionOperators = {
  $setUnion: variadic((values, name) =>
    values.some(isNullish) ? null : distinct(arrays(values, 'Location17043', name).flat()),
  ),
  $setIntersection: variadic((values, name) => {
    if (values.some(isNullish)) return null
    const [first = [], ...others] = arrays(values, 'Location17047', name)
    return distinct(first).filter((value) => others.every((other) => includes(other, value)))
  }),
  $setDifference: positional(2, 2, (values, name) => {
    if (values.some(isNullish)) return null
    const [kept = [], away = []] = arrays(values, 'Location17048', name)
    const result: unknown[] = []
    for (const value of kept) if (!includes(away, value) && !includes(result, value)) result.push(value)
    return result
  }),
  $setEquals: positional(2, Number.POSITIVE_INFINITY, (values, name) => {
    const [first = [], ...others] = arrays(values, 'Location17044', name)
    return others.every((other) => isSubset(first, other) && isSubset(other, first))
  }),
  $setIsSubset: positional(2, 2, (values, name) => {
    const [small = [], large = []] = arrays(values, 'Location17046', name)
    return isSubset(small, large)
  }),
}
