import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { CatalogLoaders } from './loaders.ts'
import type { CatalogModels } from './catalog-models.ts'

export type CatalogContext = SubgraphContext<CatalogModels, CatalogLoaders>
