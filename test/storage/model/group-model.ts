import { type Document, Int32 } from 'bson'
import { compareOperands, evaluate } from './expression-model.ts'
import { isDocument } from './order.ts'
import { average, sum } from './sum-model.ts'
import { refuse } from './unspecified.ts'

/** `$group`: one document for each key, where keys that compare equal are one, that of the first document. */
export function group({ _id: key, ...fields }: Document, docs: readonly Document[]): Document[] {
  const groups: { id: unknown; members: Document[] }[] = []
  for (const doc of docs) {
    const id = keyOf(key, doc)
    const known = groups.find((one) => compareOperands(one.id, id) === 0)
    if (known === undefined) groups.push({ id, members: [doc] })
    else known.members.push(doc)
  }
  return groups.map(({ id, members }) => {
    const gathered = Object.entries(fields).map(([field, spec]) => {
      const [operator, operand] = Object.entries(spec as Document)[0] as [string, unknown]
      return [
        field,
        accumulate(
          operator,
          members.map((ROOT) => evaluate(operand, { ROOT })),
        ) ?? null,
      ]
    })
    return { _id: id, ...(Object.fromEntries(gathered) as Document) }
  })
}

/** `$bucket`: groups by the boundary that is next below a value, in the order of their values. */
export function buckets(spec: Document, docs: readonly Document[]): Document[] {
  const { groupBy, boundaries, default: other, output = { count: { $sum: new Int32(1) } } } = spec
  const edges = boundaries as unknown[]
  const placed = docs.map((doc) => {
    const value = evaluate(groupBy, { ROOT: doc })
    const place = edges.findLastIndex((edge) => compareOperands(edge, value) <= 0)
    const isInside = place >= 0 && place < edges.length - 1
    if (!isInside && !('default' in spec)) refuse(40_066)
    return { doc, id: isInside ? edges[place] : (other as unknown) }
  })
  return [...edges, other as unknown].toSorted(compareOperands).flatMap((id) => {
    const members = placed.filter((one) => one.id === id).map(({ doc }) => doc)
    if (members.length === 0) return []
    return group({ _id: { $literal: id }, ...(output as Document) }, members)
  })
}

/** A missing key is null; in a key of several fields the missing ones stay away. */
function keyOf(key: unknown, doc: Document): unknown {
  const value = evaluate(key, { ROOT: doc }) ?? null
  const [field, ...more] = isDocument(key) ? Object.keys(key) : []
  if (field === undefined || field.startsWith('$') || more.length > 0) return value
  return { [field]: (value as Document)[field] ?? null }
}

function accumulate(operator: string, values: readonly unknown[]): unknown {
  const present = values.filter((value) => value !== undefined)
  const notNull = present.filter((value) => value !== null)
  switch (operator) {
    case '$sum':
      return sum(values)
    case '$avg':
      return average(values)
    case '$min':
      return notNull.reduce<unknown>((a, b) => (a === undefined || compareOperands(b, a) < 0 ? b : a), undefined)
    case '$max':
      return notNull.reduce<unknown>((a, b) => (a === undefined || compareOperands(b, a) > 0 ? b : a), undefined)
    case '$first':
      return values[0]
    case '$last':
      return values.at(-1)
    case '$push':
      return present
    case '$addToSet':
      return present.filter(
        (value, place) => present.findIndex((other) => compareOperands(other, value) === 0) === place,
      )
    case '$mergeObjects':
      return notNull.every(isDocument) ? (Object.assign({}, ...notNull) as Document) : refuse(40400)
    case '$count':
      return new Int32(values.length)
    default:
      throw new Error(`an accumulator that the model does not know: ${operator}`)
  }
}
