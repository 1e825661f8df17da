import type { ClientSession, Connection } from 'mongoose'
import { bindModel, prepareModels } from '../../../storage/documents.ts'

/** What registration must know of a product; the catalog owns it. */
export interface KnownProductDocument {
  readonly _id: string
  readonly family: string
  readonly status: string
}

export interface KnownSkuDocument {
  readonly _id: string
  readonly productId: string
}

const text = { type: String, required: true } as const

/** Copies of what can be registered, fed by events of the catalog. */
export function createKnownProductsModel(connection: Connection) {
  const Product = bindModel<KnownProductDocument>(connection, 'DealsKnownProduct', {
    collection: 'deal_products',
    fields: { family: text, status: text },
    indexes: [],
  })
  const Sku = bindModel<KnownSkuDocument>(connection, 'DealsKnownSku', {
    collection: 'deal_skus',
    fields: { productId: text },
    indexes: [],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Product, Sku]),
    product: (session: ClientSession, id: string): Promise<KnownProductDocument | null> =>
      Product.findById(id, null, { session }).lean(),
    /** Which of these products there are. */
    async existing(session: ClientSession, ids: readonly string[]): Promise<ReadonlySet<string>> {
      if (ids.length === 0) return new Set()
      const found = await Product.find({ _id: { $in: ids } }, { _id: 1 }, { session }).lean<{ _id: string }[]>()
      return new Set(found.map(({ _id }) => _id))
    },
    sku: (session: ClientSession, id: string): Promise<KnownSkuDocument | null> =>
      Sku.findById(id, null, { session }).lean(),
    async putProduct(session: ClientSession, { _id, ...fields }: KnownProductDocument): Promise<void> {
      await Product.updateOne({ _id }, { $set: fields }, { session, upsert: true })
    },
    async putSku(session: ClientSession, { _id, ...fields }: KnownSkuDocument): Promise<void> {
      await Sku.updateOne({ _id }, { $set: fields }, { session, upsert: true })
    },
    async insert(data: {
      readonly products: readonly KnownProductDocument[]
      readonly skus: readonly KnownSkuDocument[]
    }): Promise<void> {
      await Product.insertMany(data.products)
      await Sku.insertMany(data.skus)
    },
  }
}
