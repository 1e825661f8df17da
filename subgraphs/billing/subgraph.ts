import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { followDeals } from './commissions/follow-deals.ts'
import { invoiceRun } from './invoices/invoice-run.ts'
import { issueDueInvoices } from './invoices/issue-invoice.ts'
import { sumBalances } from './ledger/sum-balances.ts'
import { type BillingLoaders, createBillingLoaders } from './loaders.ts'
import { type BillingModels, createBillingModels, prepareBillingModels } from './models/billing-models.ts'
import { payoutRun } from './payouts/create-payout.ts'
import { renewLeftLimits, renewLimitsOfApp, renewLimitsOfPlan } from './plans/app-limits.ts'
import { billingResolvers } from './resolvers.ts'
import { renewSubscriptions } from './subscriptions/renew-subscription.ts'
import { followApps } from './subscriptions/follow-apps.ts'
import { importUsageEvents } from './usage/import-usage-events.ts'

/** Plans, what apps consume of them, invoices, commissions, payouts, and the ledger under all of it. */
export const billingSubgraph: SubgraphDefinition<BillingModels, BillingLoaders> = {
  name: 'billing',
  sdl: loadSdl(import.meta.url),
  createModels: createBillingModels,
  prepare: prepareBillingModels,
  createLoaders: createBillingLoaders,
  resolvers: billingResolvers,
  timers: [renewSubscriptions, invoiceRun, issueDueInvoices, payoutRun, renewLeftLimits, sumBalances],
  reactions: [followApps, followDeals, renewLimitsOfApp, renewLimitsOfPlan],
  importers: [importUsageEvents],
}
