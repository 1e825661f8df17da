import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import { type PriceBreak, type SkuPrice, endOfTime } from './price-list.ts'

type Keys = Pick<SkuPrice, 'priceListId' | 'skuId' | 'beginsAt'>

/** The prices of SKUs on price lists, in sequences without gaps or overlaps: one ends where the next begins. */
export function createPrices(connection: MongoConnection) {
  const model = bindModel<SkuPrice>(connection, 'SkuPrice', {
    collection: 'catalog_prices',
    fields: {
      priceListId: { type: String, required: true },
      skuId: { type: String, required: true },
      beginsAt: { type: Date, required: true },
      endsAt: { type: Date, default: endOfTime },
      breaks: {
        type: [
          embeddedSchema<PriceBreak>({
            minimumQuantity: { type: Number, required: true, min: 1 },
            unitPrice: { type: moneySchema, required: true },
          }),
        ],
        required: true,
      },
    },
    indexes: [
      [{ skuId: 1, priceListId: 1, endsAt: 1 }],
      [{ priceListId: 1, skuId: 1, beginsAt: 1 }, { unique: true }],
      [{ priceListId: 1, _id: 1 }],
      [{ priceListId: 1, skuId: 1, _id: 1 }],
    ],
  })
  return {
    model,
    /** The prices of SKUs that apply on these lists at a moment; what is over is passed over by the index. */
    readInForce: (
      skuIds: readonly string[],
      { priceListIds, at }: { readonly priceListIds: readonly string[]; readonly at: Date },
    ): Promise<SkuPrice[]> =>
      model
        .find({
          skuId: { $in: [...skuIds] },
          priceListId: { $in: [...priceListIds] },
          endsAt: { $gt: at },
          beginsAt: { $lte: at },
        })
        .lean<SkuPrice[]>(),
    /** Pages of prices by list; one reader per request. */
    createPages: () =>
      createChildConnections<SkuPrice>({
        model,
        parentField: 'priceListId',
        sortField: '_id',
        direction: 1,
        filter: {},
      }),
    /** All prices of SKUs on lists from a moment on: the one that applies then and those that follow. */
    readSequences: (
      session: ClientSession,
      pairs: { readonly priceListIds: readonly string[]; readonly skuIds: readonly string[] },
      from: Date,
    ): Promise<SkuPrice[]> =>
      model
        .find(
          { skuId: { $in: [...pairs.skuIds] }, priceListId: { $in: [...pairs.priceListIds] }, endsAt: { $gt: from } },
          null,
          { session },
        )
        .lean<SkuPrice[]>(),
    /** Writes what changed of sequences: prices to put, in place of those that begin at the same moment, and to drop. */
    async write(session: ClientSession, put: readonly SkuPrice[], drop: readonly Keys[] = []): Promise<void> {
      if (put.length + drop.length === 0) return
      await model.collection.bulkWrite(
        [
          ...drop.map(({ priceListId, skuId, beginsAt }) => ({
            deleteOne: { filter: { priceListId, skuId, beginsAt } },
          })),
          ...put.map(({ _id, priceListId, skuId, beginsAt, ...rest }) => ({
            updateOne: {
              filter: { priceListId, skuId, beginsAt },
              update: { $set: { endsAt: rest.endsAt, breaks: rest.breaks }, $setOnInsert: { _id } },
              upsert: true,
            },
          })),
        ],
        { session, ordered: true },
      )
    },
  }
}
