import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type CatalogLoaders, createCatalogLoaders } from './loaders.ts'
import { type CatalogModels, createCatalogModels, prepareCatalogModels } from './models/catalog-models.ts'
import { catalogResolvers } from './resolvers.ts'

/** What is sold, and for which price to whom. */
export const catalogSubgraph: SubgraphDefinition<CatalogModels, CatalogLoaders> = {
  name: 'catalog',
  sdl: loadSdl(import.meta.url),
  createModels: createCatalogModels,
  prepare: prepareCatalogModels,
  createLoaders: createCatalogLoaders,
  resolvers: catalogResolvers,
}
