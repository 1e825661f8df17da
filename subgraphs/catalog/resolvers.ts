import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import type { CatalogContext } from './catalog-context.ts'
import { entitlementResolvers } from './entitlements/entitlement-resolvers.ts'
import { goodsResolvers } from './goods/goods-resolvers.ts'
import { marketplaceResolvers } from './marketplace/marketplace-resolvers.ts'
import { pricingResolvers } from './pricing/pricing-resolvers.ts'

/** The resolvers of all rooms of the catalog, merged by type. */
export const catalogResolvers: Resolvers<CatalogContext> = [
  moneyResolvers as Resolvers<CatalogContext>,
  goodsResolvers,
  pricingResolvers,
  entitlementResolvers,
  marketplaceResolvers,
].reduce<Resolvers<CatalogContext>>(
  (merged, room) => ({
    ...merged,
    ...Object.fromEntries(Object.entries(room).map(([type, fields]) => [type, { ...merged[type], ...fields }])),
  }),
  {},
)
