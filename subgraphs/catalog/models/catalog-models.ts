import type { ModelDependencies } from '../../../kit/subgraph-definition.ts'
import { prepareModels } from '../../../storage/documents.ts'
import { createPriceLists } from './price-lists.ts'
import { createPrices } from './prices.ts'
import { createProducts } from './products.ts'
import { createSkus } from './skus.ts'

/** The catalog subgraph's collections on a connection. */
export function createCatalogModels({ connection }: ModelDependencies) {
  return {
    products: createProducts(connection),
    skus: createSkus(connection),
    priceLists: createPriceLists(connection),
    prices: createPrices(connection),
  }
}

export type CatalogModels = ReturnType<typeof createCatalogModels>

export async function prepareCatalogModels({ products, skus, priceLists, prices }: CatalogModels): Promise<void> {
  await prepareModels([products.model, skus.model, priceLists.model, priceLists.assignments, prices.model])
}
