import type { ModelDependencies } from '../../kit/subgraph-definition.ts'
import { prepareModels } from '../../storage/documents.ts'
import { createEntitlements } from './entitlements/entitlement-model.ts'
import { createProducts } from './goods/product-model.ts'
import { createSkus } from './goods/sku-model.ts'
import { createAppListings } from './marketplace/app-listing-model.ts'
import { createInstallations } from './marketplace/installation-model.ts'
import { createReviews } from './marketplace/review-model.ts'
import { createAppCopies } from './organizations/app-copy-model.ts'
import { createOrganizationCopies } from './organizations/organization-copy-model.ts'
import { createPriceLists } from './pricing/price-list-model.ts'
import { createPrices } from './pricing/price-model.ts'

/** The catalog subgraph's collections on a connection. */
export function createCatalogModels({ connection, now }: ModelDependencies) {
  return {
    now,
    organizations: createOrganizationCopies(connection),
    apps: createAppCopies(connection),
    entitlements: createEntitlements(connection),
    products: createProducts(connection),
    skus: createSkus(connection),
    priceLists: createPriceLists(connection),
    prices: createPrices(connection),
    listings: createAppListings(connection),
    installations: createInstallations(connection),
    reviews: createReviews(connection),
  }
}

export type CatalogModels = ReturnType<typeof createCatalogModels>

export async function prepareCatalogModels({ now: _now, priceLists, ...others }: CatalogModels): Promise<void> {
  const models = Object.values(others).map(({ model }) => model)
  await prepareModels([...models, priceLists.model, priceLists.assignments])
}
