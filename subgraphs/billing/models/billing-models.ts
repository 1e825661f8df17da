import type { ModelDependencies } from '../../../kit/subgraph-definition.ts'
import { prepareModels } from '../../../storage/documents.ts'
import { createCommissions } from '../commissions/commission-model.ts'
import { createCommissionRules } from '../commissions/commission-rule-model.ts'
import { createInvoices } from '../invoices/invoice-model.ts'
import { createLedger } from '../ledger/ledger-model.ts'
import { createOrganizationCeilings } from '../limits/organization-ceiling-model.ts'
import { createQuotaThresholds } from '../limits/quota-threshold-model.ts'
import { createOrganizationCopies } from '../organizations/organization-copy-model.ts'
import { createPayables } from '../payouts/payable-model.ts'
import { createPayouts } from '../payouts/payout-model.ts'
import { createAppLimits } from '../plans/app-limits-model.ts'
import { createPlans } from '../plans/plan-model.ts'
import { createRevenueShares } from '../revenue-share/revenue-share-model.ts'
import { createCharges } from '../subscriptions/charge-model.ts'
import { createPlanGrants } from '../subscriptions/plan-grant-model.ts'
import { createPlanRequests } from '../subscriptions/plan-request-model.ts'
import { createSubscriptions } from '../subscriptions/subscription-model.ts'
import { createSubscriptionMonths } from '../subscriptions/subscription-month-model.ts'
import { createMeters } from '../usage/meter-model.ts'
import { createUsageFacets } from '../usage/usage-facet-model.ts'
import { createUsage } from '../usage/usage-model.ts'

/** The billing subgraph's collections on a connection. */
export function createBillingModels({ connection }: ModelDependencies) {
  return {
    organizations: createOrganizationCopies(connection),
    plans: createPlans(connection),
    appLimits: createAppLimits(connection),
    organizationCeilings: createOrganizationCeilings(connection),
    quotaThresholds: createQuotaThresholds(connection),
    subscriptions: createSubscriptions(connection),
    subscriptionMonths: createSubscriptionMonths(connection),
    charges: createCharges(connection),
    planRequests: createPlanRequests(connection),
    planGrants: createPlanGrants(connection),
    usage: createUsage(connection),
    usageFacets: createUsageFacets(connection),
    meters: createMeters(connection),
    invoices: createInvoices(connection),
    commissionRules: createCommissionRules(connection),
    commissions: createCommissions(connection),
    payables: createPayables(connection),
    payouts: createPayouts(connection),
    revenueShares: createRevenueShares(connection),
    ledger: createLedger(connection),
  }
}

export type BillingModels = ReturnType<typeof createBillingModels>

/** Creates the collections and indexes of all models. */
export async function prepareBillingModels(models: BillingModels): Promise<void> {
  const { appLimits, usage, usageFacets, meters, invoices, payables, payouts, ledger } = models
  await prepareModels([
    models.organizations.model,
    models.plans.model,
    appLimits.model,
    appLimits.renewals,
    models.organizationCeilings.model,
    models.quotaThresholds.model,
    models.subscriptions.model,
    models.subscriptionMonths.model,
    models.charges.model,
    models.planRequests.model,
    models.planGrants.model,
    usage.hours,
    usage.totals,
    usage.batches,
    usageFacets.outcomes,
    usageFacets.ofAll,
    usageFacets.coordinates,
    usageFacets.endUsers,
    usageFacets.people,
    meters.events,
    meters.totals,
    meters.reports,
    invoices.model,
    invoices.counters,
    models.commissionRules.model,
    models.commissions.model,
    models.commissions.places,
    payables.model,
    payables.accounts,
    payouts.model,
    payouts.minimums,
    models.revenueShares.model,
    ledger.transactions,
    ledger.entries,
    ledger.balances.model,
    ledger.balances.queue,
  ])
}
