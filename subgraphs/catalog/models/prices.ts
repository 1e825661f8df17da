import type { Connection } from 'mongoose'
import { bindModel, embeddedSchema, moneySchema } from '../../../storage/documents.ts'
import type { PriceBreak, SkuPrice } from '../pricing.ts'

/** The prices of SKUs on price lists. */
export function createPrices(connection: Connection) {
  const model = bindModel<SkuPrice>(connection, 'SkuPrice', {
    collection: 'catalog_prices',
    fields: {
      priceListId: { type: String, required: true },
      skuId: { type: String, required: true },
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
    indexes: [[{ skuId: 1, priceListId: 1 }, { unique: true }]],
  })
  return {
    model,
    readBySkus: (skuIds: readonly string[], priceListIds: readonly string[]): Promise<SkuPrice[]> =>
      model.find({ skuId: { $in: [...skuIds] }, priceListId: { $in: [...priceListIds] } }).lean<SkuPrice[]>(),
  }
}
