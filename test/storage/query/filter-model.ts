import { compare, isDocument, rank } from '../model/order.ts'
import { exactly } from '../model/numbers.ts'

/**
 * MongoDB's matching written once more, slowly and from the manual's words alone: collect the values at the path,
 * then ask the operator about each. It shares no code with the database.
 */
export function modelMatches(doc: unknown, filter: { [field: string]: unknown }): boolean {
  return Object.entries(filter).every(([field, operand]) => {
    const branches = operand as { [field: string]: unknown }[]
    if (field === '$and') return branches.every((branch) => modelMatches(doc, branch))
    if (field === '$or') return branches.some((branch) => modelMatches(doc, branch))
    if (field === '$nor') return !branches.some((branch) => modelMatches(doc, branch))
    const operators = holdsOperators(operand) ? operand : { $eq: operand }
    return Object.entries(operators).every(([operator, one]) =>
      holds(doc, field.split('.'), { operator, operand: one }),
    )
  })
}

type Asked = { operator: string; operand: unknown }

function holds(doc: unknown, path: string[], { operator, operand }: Asked): boolean {
  const inverse: Record<string, string> = { $ne: '$eq', $nin: '$in' }
  const positive = inverse[operator]
  if (positive !== undefined) return !holds(doc, path, { operator: positive, operand })
  if (operator === '$not') {
    return !Object.entries(operand as object).every(([inner, one]) =>
      holds(doc, path, { operator: inner, operand: one }),
    )
  }
  if (operator === '$all') {
    const wanted = operand as unknown[]
    return wanted.length > 0 && wanted.every((one) => holds(doc, path, { operator: '$eq', operand: one }))
  }
  if (operator === '$exists') return valuesAt(doc, path, true).some((value) => value !== undefined) === operand
  if (operator === '$size') {
    return valuesAt(doc, path, false).some((value) => Array.isArray(value) && value.length === Number(operand))
  }
  if (operator === '$elemMatch') {
    return valuesAt(doc, path, false).some(
      (value) =>
        Array.isArray(value) &&
        value.some((element) =>
          holdsOperators(operand)
            ? Object.entries(operand).every(([inner, one]) => accepts(element, { operator: inner, operand: one }))
            : (isDocument(element) || Array.isArray(element)) &&
              modelMatches(element, operand as { [field: string]: unknown }),
        ),
    )
  }
  return valuesAt(doc, path, true).some((value) => accepts(value, { operator, operand }))
}

function accepts(value: unknown, { operator, operand }: Asked): boolean {
  if (operator === '$in') return (operand as unknown[]).some((one) => accepts(value, { operator: '$eq', operand: one }))
  if (operator === '$ne') return !accepts(value, { operator: '$eq', operand })
  const [a, b] = [value ?? null, operand]
  if (rank(a) !== rank(b)) return false
  const order = compare(a, b)
  if (operator === '$eq') return order === 0
  // NaN is in no other relation than with itself.
  if ((isNotANumber(a) || isNotANumber(b)) && order !== 0) return false
  if (operator === '$gt') return order > 0
  if (operator === '$gte') return order >= 0
  if (operator === '$lt') return order < 0
  return order <= 0
}

function valuesAt(holder: unknown, [name, ...rest]: string[], expand: boolean): unknown[] {
  const value =
    isDocument(holder) && Object.hasOwn(holder, name as string) ? (holder[name as string] as unknown) : undefined
  if (Array.isArray(value)) return valuesIn(value, rest, expand)
  if (rest.length === 0) return [value]
  return isDocument(value) ? valuesAt(value, rest, expand) : [undefined]
}

function valuesIn(array: unknown[], rest: string[], expand: boolean): unknown[] {
  if (rest.length === 0) return expand ? [...array, array] : [array]
  return array.flatMap((element, index) => {
    const inside = isDocument(element) ? valuesAt(element, rest, expand) : []
    if (String(index) !== rest[0]) return inside
    if (rest.length === 1) return [...inside, element]
    const deeper = rest.slice(1)
    if (Array.isArray(element)) return [...inside, ...valuesIn(element, deeper, expand)]
    return isDocument(element) ? [...inside, ...valuesAt(element, deeper, expand)] : inside
  })
}

function holdsOperators(operand: unknown): operand is { [operator: string]: unknown } {
  return isDocument(operand) && Object.keys(operand)[0]?.startsWith('$') === true
}

function isNotANumber(value: unknown): boolean {
  return rank(value) === rank(0) && exactly(value).kind === 'nan'
}
