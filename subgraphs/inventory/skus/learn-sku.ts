import type { Reaction } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'

/** Makes SKUs of the catalog known here, so that they can be stocked. */
export const learnSku: Reaction<InventoryModels> = {
  name: 'learn-sku',
  types: ['sku.created', 'sku.changed'],
  async handle({ models, log }, { subject, data }, session) {
    const { code, productId, family, status } = data
    if (typeof code !== 'string' || typeof productId !== 'string') {
      log.warn({ subject }, 'an event of a SKU lacks its code or product; the SKU stays as it is known')
      return
    }
    await models.skus.learn(session, {
      _id: subject,
      code,
      productId,
      family: typeof family === 'string' ? family : '',
      status: typeof status === 'string' ? status : '',
    })
  },
}
