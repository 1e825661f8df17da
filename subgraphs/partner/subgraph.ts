import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type PartnerLoaders, createPartnerLoaders } from './loaders.ts'
import { type PartnerModels, createPartnerModels, preparePartnerModels } from './models/partner-models.ts'
import { partnerResolvers } from './resolvers.ts'

/** Organizations of the channel, their people and their apps. */
export const partnerSubgraph: SubgraphDefinition<PartnerModels, PartnerLoaders> = {
  name: 'partner',
  sdl: loadSdl(import.meta.url),
  createModels: createPartnerModels,
  prepare: preparePartnerModels,
  createLoaders: createPartnerLoaders,
  resolvers: partnerResolvers,
}
