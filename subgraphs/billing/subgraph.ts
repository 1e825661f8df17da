import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type BillingLoaders, createBillingLoaders } from './loaders.ts'
import { type BillingModels, createBillingModels, prepareBillingModels } from './models/billing-models.ts'
import { billingResolvers } from './resolvers.ts'

/** Plans, what apps consume of them, invoices and commissions. */
export const billingSubgraph: SubgraphDefinition<BillingModels, BillingLoaders> = {
  name: 'billing',
  sdl: loadSdl(import.meta.url),
  createModels: createBillingModels,
  prepare: prepareBillingModels,
  createLoaders: createBillingLoaders,
  resolvers: billingResolvers,
}
