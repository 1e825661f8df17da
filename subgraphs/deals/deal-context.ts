import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { DealLoaders } from './loaders.ts'
import type { DealModels } from './models.ts'

/** What resolvers and commands of this subgraph get. */
export type DealContext = SubgraphContext<DealModels, DealLoaders>
