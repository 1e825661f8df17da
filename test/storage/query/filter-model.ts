/** A value of the model: plain JavaScript, numbers of one kind. */
export type Plain = null | boolean | number | string | Plain[] | { [field: string]: Plain }

/**
 * MongoDB's matching written once more, slowly and from the manual's words alone: collect the values at the path,
 * then ask the operator about each. It shares no code with the database.
 */
export function modelMatches(doc: Plain, filter: { [field: string]: unknown }): boolean {
  return Object.entries(filter).every(([field, operand]) => {
    const branches = operand as { [field: string]: unknown }[]
    if (field === '$and') return branches.every((branch) => modelMatches(doc, branch))
    if (field === '$or') return branches.some((branch) => modelMatches(doc, branch))
    if (field === '$nor') return !branches.some((branch) => modelMatches(doc, branch))
    const operators = isObject(operand) && Object.keys(operand)[0]?.startsWith('$') ? operand : { $eq: operand }
    return Object.entries(operators).every(([operator, one]) =>
      holds(doc, field.split('.'), { operator, operand: one }),
    )
  })
}

type Asked = { operator: string; operand: unknown }

function holds(doc: Plain, path: string[], { operator, operand }: Asked): boolean {
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
    return valuesAt(doc, path, false).some((value) => Array.isArray(value) && value.length === operand)
  }
  if (operator === '$elemMatch') {
    return valuesAt(doc, path, false).some(
      (value) =>
        Array.isArray(value) &&
        value.some((element) =>
          Object.entries(operand as object).every(([inner, one]) =>
            accepts(element, { operator: inner, operand: one }),
          ),
        ),
    )
  }
  return valuesAt(doc, path, true).some((value) => accepts(value, { operator, operand }))
}

function accepts(value: Plain | undefined, { operator, operand }: Asked): boolean {
  if (operator === '$in') return (operand as unknown[]).some((one) => accepts(value, { operator: '$eq', operand: one }))
  if (operator === '$ne') return !accepts(value, { operator: '$eq', operand })
  const [a, b] = [value ?? null, operand as Plain]
  if (rank(a) !== rank(b)) return false
  const order = compare(a, b)
  if (operator === '$eq') return order === 0
  if (operator === '$gt') return order > 0
  if (operator === '$gte') return order >= 0
  if (operator === '$lt') return order < 0
  return order <= 0
}

function valuesAt(holder: Plain, [name, ...rest]: string[], expand: boolean): (Plain | undefined)[] {
  const value = isObject(holder) && Object.hasOwn(holder, name as string) ? holder[name as string] : undefined
  if (Array.isArray(value)) return valuesIn(value, rest, expand)
  if (rest.length === 0) return [value]
  return isObject(value) ? valuesAt(value, rest, expand) : [undefined]
}

function valuesIn(array: Plain[], rest: string[], expand: boolean): (Plain | undefined)[] {
  if (rest.length === 0) return expand ? [...array, array] : [array]
  return array.flatMap((element, index) => {
    const inside = isObject(element) ? valuesAt(element, rest, expand) : []
    if (String(index) !== rest[0]) return inside
    if (rest.length === 1) return [...inside, element]
    const deeper = rest.slice(1)
    if (Array.isArray(element)) return [...inside, ...valuesIn(element, deeper, expand)]
    return isObject(element) ? [...inside, ...valuesAt(element, deeper, expand)] : inside
  })
}

function isObject(value: unknown): value is { [field: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rank(value: Plain): number {
  if (value === null) return 0
  if (typeof value === 'number') return 1
  if (typeof value === 'string') return 2
  if (typeof value === 'boolean') return 5
  return Array.isArray(value) ? 4 : 3
}

function compare(a: Plain, b: Plain): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if (isObject(a) && isObject(b)) {
    const triples = (object: { [field: string]: Plain }): Plain[] =>
      Object.entries(object).flatMap(([field, value]) => [rank(value), field, value])
    return compareLists(triples(a), triples(b))
  }
  const [x, y] = [a ?? 0, b ?? 0]
  return x < y ? -1 : Number(x > y)
}

function compareLists(a: Plain[], b: Plain[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index] as Plain, b[index] as Plain)
    if (order !== 0) return order
  }
  return a.length - b.length
}
