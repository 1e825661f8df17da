import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type DealLoaders, createDealLoaders } from './loaders.ts'
import { type DealModels, createDealModels, prepareDeals } from './models.ts'
import { resolvers } from './resolvers.ts'

/** Deal registrations: who may sell what to whom, protected from the other partners. */
export const dealsSubgraph: SubgraphDefinition<DealModels, DealLoaders> = {
  name: 'deals',
  sdl: loadSdl(import.meta.url),
  createModels: createDealModels,
  prepare: prepareDeals,
  createLoaders: createDealLoaders,
  resolvers,
}
