import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { leadImporter } from './leads/lead-importer.ts'
import { leadTimers } from './leads/timers.ts'
import { type DealLoaders, createDealLoaders } from './loaders.ts'
import { type DealModels, createDealModels, prepareDeals } from './models.ts'
import { dealTimers } from './registrations/timers.ts'
import { resolvers } from './resolvers.ts'
import { learnGrants, learnOrganizations, learnProducts } from './terms/reactions.ts'

/** Leads, deal registrations, opportunities and co-selling: who may sell what to whom, protected from the others. */
export const dealsSubgraph: SubgraphDefinition<DealModels, DealLoaders> = {
  name: 'deals',
  sdl: loadSdl(import.meta.url),
  createModels: createDealModels,
  prepare: prepareDeals,
  createLoaders: createDealLoaders,
  resolvers,
  timers: [...dealTimers, ...leadTimers],
  reactions: [learnOrganizations, learnProducts, learnGrants],
  importers: [leadImporter],
}
