import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { availabilityOf } from '../levels/availability.ts'
import type { SkuPromise } from './promise-of-sku.ts'

interface PromiseArgs {
  readonly at?: Date | null
  readonly locationId?: string | null
}

export const promiseResolvers: Resolvers<InventoryContext> = {
  Query: {
    availableToPromise: async (
      _: unknown,
      { skuId, at = null, locationId = null }: PromiseArgs & { skuId: string },
      { models, loaders }: InventoryContext,
    ) => ((await models.skus.byIds([skuId])).length === 0 ? null : loaders.promise.load({ skuId, at, locationId })),
  },
  Sku: {
    availableToPromise: async (
      { id }: { id: string },
      { at = null, locationId = null }: PromiseArgs,
      { loaders }: InventoryContext,
    ) => (await loaders.promise.load({ skuId: id, at, locationId })).quantity,
  },
  AvailableToPromise: {
    sku: ({ skuId }: SkuPromise) => ({ id: skuId }),
    availability: ({ quantity }: SkuPromise) => availabilityOf(quantity),
  },
}
