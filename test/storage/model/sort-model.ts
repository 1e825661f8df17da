import type { Document } from 'bson'
import { child } from './update-paths.ts'
import { compare, emptyArray, isDocument } from './order.ts'
import { spell } from './spell.ts'
import { Unspecified } from './unspecified.ts'

/** Sorts; documents that differ but come in no order leave it open which is first. */
export function sorted(spec: Document, docs: readonly Document[]): Document[] {
  const keys = Object.entries(spec).map(([path, direction]) => ({ names: path.split('.'), sign: Number(direction) }))
  return docs
    .map((doc) => ({ doc, values: keys.map(({ names, sign }) => sortValue(doc, names, sign)) }))
    .toSorted((a, b) => {
      const order = keys
        .map(({ sign }, place) => compare(a.values[place], b.values[place]) * sign)
        .find((one) => one !== 0)
      if (order === undefined && spell(a.doc) !== spell(b.doc)) throw new Unspecified('documents in no order')
      return order ?? 0
    })
    .map(({ doc }) => doc)
}

/** An array counts as its smallest element ascending, as its largest descending. */
function sortValue(doc: Document, names: readonly string[], sign: number): unknown {
  return valuesAt(doc, names).reduce((best, one) => (compare(one, best) * sign < 0 ? one : best))
}

function valuesAt(value: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (name !== undefined) {
    if (!Array.isArray(value)) return valuesAt(child(value, name), rest)
    const inside = value.flatMap((one) => valuesAt(isDocument(one) ? child(one, name) : undefined, rest))
    return inside.length === 0 ? [null] : inside
  }
  if (!Array.isArray(value)) return [value ?? null]
  return value.length === 0 ? [emptyArray] : value
}
