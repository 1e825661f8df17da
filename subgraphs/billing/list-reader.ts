import type { Model, QueryFilter } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import { countMatching } from '../../storage/documents.ts'

type Filter = Readonly<Record<string, unknown>>

/** Reads pages of a collection in one order; the filter is the caller's, tenancy included. */
export function createListReader<Doc extends { readonly _id: string }>(
  model: Model<Doc>,
  order: { readonly sortField: keyof Doc & string; readonly direction: 1 | -1 },
): (filter: Filter, args: ConnectionArgs) => Promise<Connection<Doc>> {
  return (filter, args) =>
    readConnection<Doc>(args, {
      ...order,
      read: ({ after, sort, limit }) =>
        model
          .find({ ...filter, ...after } as QueryFilter<Doc>, null, searchHint(filter))
          .sort({ ...sort })
          .limit(limit)
          .lean<Doc[]>(),
      count: () => countMatching(model, filter),
    })
}

/** Left to itself a planner may walk an index in the order of the list until a page is full. */
function searchHint(filter: Filter): { hint?: Readonly<Record<string, 1>> } {
  return 'words' in filter && !('organizationId' in filter) ? { hint: { words: 1 } } : {}
}
