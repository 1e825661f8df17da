import type { PageRequest } from '../../../kit/connection.ts'
import type { Access, Grants } from './access.ts'

type Filter = Readonly<Record<string, unknown>>
/** The field that holds the product's id: SKUs have one too, and hold their product's family. */
type IdField = '_id' | 'productId'

/** Up to so many families are read one by one, each in the order of its index. */
const mostFamilyLanes = 4

/** The condition that the caller may view goods. For reads that something else bounds: ids, a product, words. */
export function visibleGoods(access: Access, idField: IdField): Filter {
  return access.everything ? {} : anyOf(access.grants.VIEW, idField)
}

/**
 * Filters that together hold exactly the goods that the caller may view, no document twice, each served by an index in
 * the order of the list. A caller with few families reads each of them, and the single products that were granted, side
 * by side: however large the catalog, nothing else is looked at. One with many reads along the whole list and passes
 * over what it may not view, which then is the lesser part.
 */
export function lanesOf(
  access: Access,
  wanted: {
    readonly idField: IdField
    readonly family: string | null
    /** That the rest of the filter bounds what is read. */
    readonly bounded: boolean
  },
): readonly Filter[] {
  const { idField, family, bounded } = wanted
  if (access.everything) return [family === null ? {} : { family }]
  const grants = access.grants.VIEW
  const { families, productIds } = grants
  if (family !== null && families.includes(family)) return [{ family }]
  if (bounded) return [{ ...(family === null ? {} : { family }), ...anyOf(grants, idField) }]
  if (family !== null) return productIds.length === 0 ? [] : [{ family, [idField]: { $in: productIds } }]
  if (families.length > mostFamilyLanes) return [anyOf(grants, idField)]
  return [
    ...families.map((one) => ({ family: one })),
    ...(productIds.length === 0 ? [] : [{ [idField]: { $in: productIds }, family: { $nin: families } }]),
  ]
}

/** The first documents of all lanes together, in the order of the list. */
export async function readLanes<Doc extends { readonly _id: string }>(
  lanes: readonly Filter[],
  { page, sortField }: { readonly page: PageRequest; readonly sortField: keyof Doc & string },
  read: (lane: Filter) => Promise<Doc[]>,
): Promise<Doc[]> {
  const pages = await Promise.all(lanes.map(read))
  if (pages.length === 1) return pages[0] ?? []
  const order = (a: Doc, b: Doc): number => compare(a[sortField], b[sortField]) || compare(a._id, b._id)
  return pages.flat().toSorted(order).slice(0, page.limit)
}

/** How many goods that the caller may view match, by indexes that hold what is counted. */
export async function countLanes(
  access: Access,
  wanted: { readonly idField: IdField; readonly family: string | null; readonly narrowed: Filter },
  count: (filter: Filter) => Promise<number>,
): Promise<number> {
  const { idField, family, narrowed } = wanted
  if (access.everything) {
    const any = { status: { $in: ['ACTIVE', 'DISCONTINUED'] } }
    return count({ ...any, ...(family === null ? {} : { family }), ...narrowed })
  }
  const { families, productIds } = access.grants.VIEW
  const byFamily = family === null ? families : families.filter((one) => one === family)
  const others = { $nin: families, ...(family === null ? {} : { $eq: family }) }
  const counted = [
    ...(byFamily.length === 0 ? [] : [{ family: { $in: byFamily } }]),
    ...(productIds.length === 0 ? [] : [{ $and: [{ [idField]: { $in: productIds } }], family: others }]),
  ]
  const counts = await Promise.all(counted.map((filter) => count({ ...narrowed, ...filter })))
  return counts.reduce((sum, one) => sum + one, 0)
}

/** Within `$or` even where there is one condition: the order of the list is to choose the index, not this. */
function anyOf({ families, productIds }: Grants, idField: IdField): Filter {
  return { $or: [{ family: { $in: families } }, { [idField]: { $in: productIds } }] }
}

/** By UTF-8 bytes, as the database orders texts; JavaScript's own order differs beyond U+FFFF. */
function compare(a: unknown, b: unknown): number {
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}
