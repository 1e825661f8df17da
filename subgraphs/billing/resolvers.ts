import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { visibleOrganization } from '../../storage/visible-organization.ts'
import type { BillingContext } from './billing-context.ts'
import { commissionResolvers } from './commissions/commission-resolvers.ts'
import { invoiceResolvers } from './invoices/invoice-resolvers.ts'
import { ledgerResolvers } from './ledger/ledger-resolvers.ts'
import { limitsChangeResolvers } from './limits/limits-changes.ts'
import { limitResolvers } from './limits/limit-resolvers.ts'
import { payoutResolvers } from './payouts/payout-resolvers.ts'
import { planResolvers } from './plans/plan-resolvers.ts'
import { revenueShareResolvers } from './revenue-share/revenue-share-resolvers.ts'
import { subscriptionResolvers } from './subscriptions/subscription-resolvers.ts'
import { usageResolvers } from './usage/usage-resolvers.ts'

const features: readonly Resolvers<BillingContext>[] = [
  moneyResolvers,
  planResolvers,
  limitResolvers,
  limitsChangeResolvers,
  subscriptionResolvers,
  usageResolvers,
  invoiceResolvers,
  commissionResolvers,
  payoutResolvers,
  revenueShareResolvers,
  ledgerResolvers,
  {
    Organization: {
      __resolveReference: ({ id }: { id: string }, { caller }: BillingContext) => visibleOrganization(caller, id),
    },
  },
]

/** The resolvers of all features: each adds its fields to the types that they share. */
export const billingResolvers: Resolvers<BillingContext> = features.reduce<Resolvers<BillingContext>>(
  (merged, feature) => ({
    ...merged,
    ...Object.fromEntries(Object.entries(feature).map(([type, fields]) => [type, { ...merged[type], ...fields }])),
  }),
  {},
)
