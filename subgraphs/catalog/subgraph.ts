import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { importPrices } from './importers/import-prices.ts'
import { importProducts } from './importers/import-products.ts'
import { importSkus } from './importers/import-skus.ts'
import { type CatalogLoaders, createCatalogLoaders } from './loaders.ts'
import { type CatalogModels, createCatalogModels, prepareCatalogModels } from './catalog-models.ts'
import { keepApps, keepOrganizations } from './organizations/reactions.ts'
import { catalogResolvers } from './resolvers.ts'

/** What is sold, and for which price to whom. */
export const catalogSubgraph: SubgraphDefinition<CatalogModels, CatalogLoaders> = {
  name: 'catalog',
  sdl: loadSdl(import.meta.url),
  createModels: createCatalogModels,
  prepare: prepareCatalogModels,
  createLoaders: createCatalogLoaders,
  resolvers: catalogResolvers,
  reactions: [keepOrganizations, keepApps],
  importers: [importProducts, importSkus, importPrices],
}
