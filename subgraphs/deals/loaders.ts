import type { Caller } from '../../kit/caller.ts'
import { createLoader } from '../../kit/loader.ts'
import type { DealModels } from './models.ts'

export type DealLoaders = ReturnType<typeof createDealLoaders>

const byId = ({ _id }: { readonly _id: string }): string => _id

/** Per-request reads that see what the caller may see. */
export function createDealLoaders(models: DealModels, caller: Caller) {
  const { deals, opportunities, leads, engagements, reservedCustomers, terms, knownPartners } = models
  return {
    deal: createLoader((ids: readonly string[]) => deals.byIds(caller, ids), byId),
    dealsOfOrganization: deals.ofOrganizations(caller),
    opportunity: createLoader((ids: readonly string[]) => opportunities.byIds(caller, ids), byId),
    lead: createLoader((ids: readonly string[]) => leads.byIds(caller, ids), byId),
    engagement: createLoader((ids: readonly string[]) => engagements.byIds(caller, ids), byId),
    /** Whoever owns them: only for what co-selling shows of them. */
    sharedDeal: createLoader((ids: readonly string[]) => deals.shared(ids), byId),
    reservedCustomer: createLoader((ids: readonly string[]) => reservedCustomers.byIds(ids), byId),
    program: createLoader((ids: readonly string[]) => terms.programsByIds(ids), byId),
    territory: createLoader((ids: readonly string[]) => terms.territoriesByIds(ids), byId),
    organization: createLoader((ids: readonly string[]) => knownPartners.organizationsByIds(ids), byId),
  }
}
