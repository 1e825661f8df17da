import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { PartnerLoaders } from './loaders.ts'
import type { PartnerModels } from './models/partner-models.ts'

export type PartnerContext = SubgraphContext<PartnerModels, PartnerLoaders>
