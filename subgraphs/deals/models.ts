import type { ModelDependencies } from '../../kit/subgraph-definition.ts'
import { createEngagementModel } from './co-selling/engagements.ts'
import { createLeadModel } from './leads/leads.ts'
import { createOpportunityModel } from './opportunities/opportunities.ts'
import { createDealRegistrationModel } from './registrations/deal-registrations.ts'
import { createReservedCustomersModel } from './reserved-customers/reserved-customers.ts'
import { createDealTermsModel } from './terms/deal-terms.ts'
import { createKnownPartnersModel } from './terms/known-partners.ts'
import { createKnownProductsModel } from './terms/known-products.ts'

export type DealModels = ReturnType<typeof createDealModels>

/** Binds the subgraph's models to a connection. */
export function createDealModels({ connection }: Pick<ModelDependencies, 'connection'>) {
  return {
    deals: createDealRegistrationModel(connection),
    opportunities: createOpportunityModel(connection),
    leads: createLeadModel(connection),
    engagements: createEngagementModel(connection),
    reservedCustomers: createReservedCustomersModel(connection),
    terms: createDealTermsModel(connection),
    knownPartners: createKnownPartnersModel(connection),
    knownProducts: createKnownProductsModel(connection),
  }
}

/** Creates collections and indexes. */
export async function prepareDeals(models: DealModels): Promise<void> {
  await Promise.all(Object.values(models).map((model) => model.prepare()))
}
