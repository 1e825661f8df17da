import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { BillingModels } from './models/billing-models.ts'
import { createMeterLoader, createUsageLoader } from './usage/usage-loaders.ts'

type Ids = readonly string[]

const idOf = ({ _id }: { readonly _id: string }): string => _id

/** The loaders of one request; what they hold is what this caller may see. */
export function createBillingLoaders(models: BillingModels, caller: Caller) {
  return {
    organizationCeilings: createLoader((ids: Ids) => models.organizationCeilings.readByIds(ids), idOf),
    plans: createLoader((ids: Ids) => models.plans.readByIds(caller, ids), idOf),
    subscribedPlans: createLoader((ids: Ids) => models.plans.readSubscribed(ids), idOf),
    subscriptions: createLoader((ids: Ids) => models.subscriptions.readByIds(caller, ids), idOf),
    subscriptionsByApp: createLoader(
      (appIds: Ids) => models.subscriptions.readByApps(caller, appIds),
      ({ appId }) => appId,
    ),
    planRequests: createLoader((ids: Ids) => models.planRequests.readByIds(caller, ids), idOf),
    planRequestsOfOrganization: models.planRequests.createPages(caller),
    usage: createUsageLoader(models, caller),
    endUsersOfApp: models.usageFacets.createPeoplePages(caller),
    meters: createMeterLoader(models, caller),
    usageReports: createLoader((ids: Ids) => models.meters.readReports(ids), idOf),
    invoices: createLoader((ids: Ids) => models.invoices.readByIds(caller, ids), idOf),
    invoicesOfOrganization: models.invoices.createPages(caller),
    commissionRules: createLoader((ids: Ids) => models.commissionRules.readByIds(ids), idOf),
    commissions: createLoader((ids: Ids) => models.commissions.readByIds(caller, ids), idOf),
    commissionsByDeal: createLoader(
      (dealIds: Ids) => models.commissions.readByDeals(caller, dealIds),
      ({ dealId }) => dealId,
    ),
    commissionsOfOrganization: models.commissions.createPages(caller),
    payouts: createLoader((ids: Ids) => models.payouts.readByIds(caller, ids), idOf),
    payoutMinimums: createLoader((currencies: Ids) => models.payouts.readMinimums(currencies), idOf),
    payoutsOfOrganization: models.payouts.createPages(caller),
    revenueSharesOfOrganization: models.revenueShares.createPages(caller),
    ledgerEntriesOfOrganization: models.ledger.createPages(caller),
    ledgerBalances: createGroupLoader(
      (organizationIds: Ids) => models.ledger.balances.readOf(organizationIds),
      ({ organizationId }) => organizationId ?? '',
    ),
  }
}

export type BillingLoaders = ReturnType<typeof createBillingLoaders>
