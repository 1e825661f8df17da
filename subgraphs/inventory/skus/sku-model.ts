import type { ClientSession, Connection } from 'mongoose'
import { bindModel, findByIds, prepareModels } from '../../../storage/documents.ts'

/** What stock needs to know of a SKU: this subgraph's own copy, because it reads no other's collections. */
export interface StockedSkuDocument {
  readonly _id: string
  readonly code: string
  readonly productId: string
  readonly family: string
  readonly status: string
  /** The end of the last allocation of the SKU; null where none was ever made. */
  readonly allocatedUntil: Date | null
  /** Grows with each reservation of an allocated SKU: they take turns by it, at whichever warehouses they are. */
  readonly version: number
}

const text = { type: String, required: true } as const

/** The SKUs of the range; they come from the catalog by events. */
export function createStockedSkuModel(connection: Connection) {
  const Sku = bindModel<StockedSkuDocument>(connection, 'StockedSku', {
    collection: 'inventory_skus',
    fields: {
      code: text,
      productId: text,
      // Optional, because an event of the catalog may leave them out.
      family: { type: String, default: '' },
      status: { type: String, default: '' },
      allocatedUntil: { type: Date, default: null },
      version: { type: Number, required: true },
    },
    indexes: [[{ code: 1 }]],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Sku]),
    byIds: (ids: readonly string[], session: ClientSession | null = null): Promise<StockedSkuDocument[]> =>
      session === null ? findByIds(Sku, 'Sku', ids) : Sku.find({ _id: { $in: ids } }, null, { session }).lean(),
    byCodes: (codes: readonly string[], session: ClientSession): Promise<StockedSkuDocument[]> =>
      Sku.find({ code: { $in: codes } }, null, { session }).lean(),
    /** Keeps the copy of a SKU, whether it is new or has changed. */
    async learn(
      session: ClientSession,
      { _id, ...known }: Omit<StockedSkuDocument, 'allocatedUntil' | 'version'>,
    ): Promise<void> {
      const fresh = { allocatedUntil: null, version: 0 }
      await Sku.updateOne({ _id }, { $set: known, $setOnInsert: fresh }, { upsert: true, session })
    },
    /** Notes that a SKU is allocated until then at least. */
    async noteAllocation(session: ClientSession, _id: string, until: Date): Promise<void> {
      await Sku.updateOne({ _id }, { $max: { allocatedUntil: until }, $inc: { version: 1 } }, { session })
    },
    /** Makes this transaction conflict with every other one that reserves these SKUs. */
    async takeTurn(session: ClientSession, ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await Sku.updateMany({ _id: { $in: ids } }, { $inc: { version: 1 } }, { session })
    },
    async insert(skus: readonly StockedSkuDocument[]): Promise<void> {
      await Sku.insertMany(skus, { lean: true })
    },
  }
}
