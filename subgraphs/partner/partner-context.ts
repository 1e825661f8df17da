import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { PartnerLoaders } from './loaders.ts'
import type { PartnerModels } from './models.ts'

/** What resolvers and commands of this subgraph get. */
export type PartnerContext = SubgraphContext<PartnerModels, PartnerLoaders>
