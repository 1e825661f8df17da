import DataLoader from 'dataloader'
import type { Model, QueryFilter } from 'mongoose'
import { type Connection, type ConnectionArgs, type PageRequest, readConnection } from '../kit/connection.ts'

type Filter = Readonly<Record<string, unknown>>

interface ChildSource<Doc> {
  readonly model: Model<Doc>
  /** The field that holds the parent's id; leads the index that serves the pages. */
  readonly parentField: keyof Doc & string
  readonly sortField: keyof Doc & string
  readonly direction: 1 | -1
  /** Narrows every read, for example to what the caller owns. */
  readonly filter: Filter
  /** Rows that are looked at for the pages of several parents together. */
  readonly mostRows?: number
}

/** Some 80 pages of the largest size: enough for what a response shows, and their ids are few enough to hold. */
const usualRows = 20_000

interface ChildRequest {
  readonly parentId: string
  readonly filter: Filter
  readonly page: PageRequest
}

/**
 * A per-request reader of nested connections, such as the invoices of each organization of a page. However many
 * parents ask, it takes two queries for their pages and one for their counts; only where some have so many children
 * that others do not come to their turn within `mostRows`, those are asked one by one.
 */
export function createChildConnections<Doc extends { readonly _id: string }>(
  source: ChildSource<Doc>,
): (parentId: string, args: ConnectionArgs, filter?: Filter) => Promise<Connection<Doc>> {
  const pages = new DataLoader<ChildRequest, readonly Doc[], string>((keys) => readPages(source, keys), {
    cacheKeyFn: JSON.stringify,
  })
  const counts = new DataLoader<Omit<ChildRequest, 'page'>, number, string>((keys) => readCounts(source, keys), {
    cacheKeyFn: JSON.stringify,
  })
  return (parentId, args, filter = {}) =>
    readConnection(args, {
      sortField: source.sortField,
      direction: source.direction,
      read: (page) => pages.load({ parentId, filter, page }),
      count: () => counts.load({ parentId, filter }),
    })
}

async function readPages<Doc extends { readonly _id: string }>(
  source: ChildSource<Doc>,
  keys: readonly ChildRequest[],
): Promise<(readonly Doc[])[]> {
  const results = new Map<ChildRequest, readonly Doc[]>()
  const { mostRows = usualRows } = source
  for (const group of groupBy(keys, ({ filter, page }) => JSON.stringify([filter, page]))) {
    const { filter, page } = group[0]
    const conditions = [source.filter, filter, page.after]
    if (group.length === 1) {
      const only = { [source.parentField]: group[0].parentId }
      results.set(group[0], await find(source, both(only, conditions), page.limit))
      continue
    }
    const parents = { [source.parentField]: { $in: group.map(({ parentId }) => parentId) } }
    // First the ids in order, per parent, then the documents of the pages: what lies beyond a page is never sent.
    const rows = await source.model.aggregate<{ _id: string; ids: string[] }>([
      { $match: both(parents, conditions) },
      { $sort: page.sort },
      { $limit: mostRows },
      { $group: { _id: `$${source.parentField}`, ids: { $push: '$_id' } } },
    ])
    const idsByParent = new Map(rows.map(({ _id, ids }) => [_id, ids.slice(0, page.limit)]))
    const isCut = rows.reduce((sum, row) => sum + row.ids.length, 0) >= mostRows
    const unread = isCut
      ? group.filter(({ parentId }) => (idsByParent.get(parentId)?.length ?? 0) < page.limit)
      : ([] as const)
    for (const { parentId } of unread) idsByParent.delete(parentId)
    const ids = [...idsByParent.values()].flat()
    const docs = ids.length === 0 ? [] : await find(source, both({ _id: { $in: ids } }, [source.filter]))
    const byId = new Map(docs.map((doc) => [doc._id, doc]))
    for (const request of group) {
      const wanted = idsByParent.get(request.parentId) ?? []
      results.set(
        request,
        wanted.flatMap((id) => byId.get(id) ?? []),
      )
    }
    for (const request of unread) {
      const only = { [source.parentField]: request.parentId }
      results.set(request, await find(source, both(only, conditions), page.limit))
    }
  }
  return keys.map((key) => results.get(key) ?? [])
}

async function find<Doc>(source: ChildSource<Doc>, filter: Filter, limit?: number): Promise<Doc[]> {
  const query = source.model.find(filter as QueryFilter<Doc>).lean<Doc[]>()
  return limit === undefined
    ? await query
    : await query.sort({ [source.sortField]: source.direction, _id: source.direction }).limit(limit)
}

async function readCounts<Doc>(
  source: ChildSource<Doc>,
  keys: readonly Omit<ChildRequest, 'page'>[],
): Promise<number[]> {
  const results = new Map<Omit<ChildRequest, 'page'>, number>()
  for (const group of groupBy(keys, ({ filter }) => JSON.stringify(filter))) {
    const parents = { [source.parentField]: { $in: group.map(({ parentId }) => parentId) } }
    const rows = await source.model.aggregate<{ _id: string; count: number }>([
      { $match: both(parents, [source.filter, group[0].filter]) },
      { $group: { _id: `$${source.parentField}`, count: { $sum: 1 } } },
    ])
    const byParent = new Map(rows.map(({ _id, count }) => [_id, count]))
    for (const request of group) results.set(request, byParent.get(request.parentId) ?? 0)
  }
  return keys.map((key) => results.get(key) ?? 0)
}

/** `own` stays at the top, where it picks the index; the rest is ANDed, so that no condition can replace another. */
function both(own: Filter, conditions: readonly Filter[]): Filter {
  const narrowing = conditions.filter((condition) => Object.keys(condition).length > 0)
  return narrowing.length === 0 ? own : { ...own, $and: narrowing }
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return [...groups.values()]
}
