import type { Model, QueryFilter } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../kit/connection.ts'

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
          .find({ ...filter, ...after } as QueryFilter<Doc>)
          .sort({ ...sort })
          .limit(limit)
          .lean<Doc[]>(),
      count: () => model.countDocuments(filter as QueryFilter<Doc>),
    })
}
