import type { Connection as MongoConnection } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'

export interface Product {
  readonly _id: string
  readonly name: string
  readonly family: string
  readonly description: string
  readonly status: 'ACTIVE' | 'DISCONTINUED'
}

/** What is sold; the same for every partner. */
export function createProducts(connection: MongoConnection) {
  const model = bindModel<Product>(connection, 'Product', {
    collection: 'catalog_products',
    fields: {
      name: { type: String, required: true },
      family: { type: String, required: true },
      description: { type: String, required: true },
      status: { type: String, required: true },
    },
    indexes: [[{ name: 1, _id: 1 }], [{ family: 1, name: 1, _id: 1 }]],
  })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<Product[]> => findByIds(model, 'Product', ids),
    readPage(args: ConnectionArgs, family: string | null): Promise<Connection<Product>> {
      const filter = family === null ? {} : { family }
      return readConnection(args, {
        sortField: 'name',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...filter, ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<Product[]>(),
        count: () => model.countDocuments(filter),
      })
    },
  }
}
