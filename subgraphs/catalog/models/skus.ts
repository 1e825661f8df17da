import type { Connection as MongoConnection } from 'mongoose'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, findByIds } from '../../../storage/documents.ts'

export interface Pack {
  readonly unit: string
  readonly quantity: number
}

export interface Sku {
  readonly _id: string
  readonly productId: string
  readonly code: string
  readonly name: string
  readonly gtin: string
  readonly pack: Pack
  readonly minimumOrderQuantity: number
  readonly leadTimeDays: number
}

/** The orderable variants of products; the same for every partner. */
export function createSkus(connection: MongoConnection) {
  const model = bindModel<Sku>(connection, 'Sku', {
    collection: 'catalog_skus',
    fields: {
      productId: { type: String, required: true },
      code: { type: String, required: true },
      name: { type: String, required: true },
      gtin: { type: String, required: true, match: /^\d{13}$/ },
      pack: {
        type: embeddedSchema<Pack>({
          unit: { type: String, required: true },
          quantity: { type: Number, required: true, min: 1 },
        }),
        required: true,
      },
      minimumOrderQuantity: { type: Number, required: true, min: 1 },
      leadTimeDays: { type: Number, required: true, min: 0 },
    },
    indexes: [[{ code: 1 }, { unique: true }], [{ gtin: 1 }, { unique: true }], [{ productId: 1, code: 1, _id: 1 }]],
  })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<Sku[]> => findByIds(model, 'Sku', ids),
    readByCodes: (codes: readonly string[]): Promise<Sku[]> => model.find({ code: { $in: [...codes] } }).lean<Sku[]>(),
    readPage(args: ConnectionArgs, productId: string | null): Promise<Connection<Sku>> {
      const filter = productId === null ? {} : { productId }
      return readConnection(args, {
        sortField: 'code',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...filter, ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<Sku[]>(),
        count: () => model.countDocuments(filter),
      })
    },
    /** Pages of SKUs by product; one reader per request. */
    createPages: () =>
      createChildConnections<Sku>({ model, parentField: 'productId', sortField: 'code', direction: 1, filter: {} }),
  }
}
