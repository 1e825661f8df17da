import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { BillingLoaders } from './loaders.ts'
import type { BillingModels } from './models/billing-models.ts'

export type BillingContext = SubgraphContext<BillingModels, BillingLoaders>
