import type { ModelDependencies } from '../../kit/subgraph-definition.ts'
import { createDealProgramModel } from './models/deal-program.ts'
import { createDealRegistrationModel } from './models/deal-registration.ts'

export type DealModels = ReturnType<typeof createDealModels>

/** Binds the subgraph's models to a connection. */
export function createDealModels({ connection }: ModelDependencies) {
  return { deals: createDealRegistrationModel(connection), program: createDealProgramModel(connection) }
}

/** Creates collections and indexes. */
export async function prepareDeals(models: DealModels): Promise<void> {
  await Promise.all([models.deals.prepare(), models.program.prepare()])
}
