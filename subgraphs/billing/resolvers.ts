import type { ConnectionArgs } from '../../kit/connection.ts'
import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { visibleOrganization } from '../../storage/visible-organization.ts'
import { readAppLimits } from './app-limits.ts'
import type { BillingContext } from './billing-context.ts'
import type { Commission } from './models/commissions.ts'
import type { Invoice, InvoiceStatus } from './models/invoices.ts'
import type { Plan } from './models/plans.ts'
import type { PlanSubscription } from './models/subscriptions.ts'
import { type UsageRecord, recordUsage } from './record-usage.ts'
import { usageSpan } from './rules.ts'

interface ById {
  readonly id: string
}

type InvoiceArgs = ConnectionArgs & { readonly status?: InvoiceStatus | null }

/** An app as billing knows it: by its subscription. */
interface BilledApp {
  readonly id: string
  readonly subscription: PlanSubscription | null
}

export const billingResolvers: Resolvers<BillingContext> = {
  ...moneyResolvers,
  Query: {
    plans: (_: unknown, args: ConnectionArgs, { models, caller }: BillingContext) =>
      models.plans.readPage(caller, args),
    plan: (_: unknown, { id }: ById, { loaders }: BillingContext) => loaders.plans.load(id),
    appLimits: (_: unknown, { appId }: { appId: string }, context: BillingContext) => readAppLimits(context, appId),
  },
  Mutation: {
    recordUsage: (_: unknown, args: { batchId: string; records: readonly UsageRecord[] }, context: BillingContext) =>
      recordUsage(context, args),
  },
  Plan: {
    __resolveReference: ({ id }: ById, { loaders }: BillingContext) => loaders.plans.load(id),
    id: ({ _id }: Plan) => _id,
  },
  PlanSubscription: {
    id: ({ _id }: PlanSubscription) => _id,
    plan: ({ planId }: PlanSubscription, _args: unknown, { loaders }: BillingContext) =>
      loaders.subscribedPlans.load(planId),
  },
  App: {
    __resolveReference: async ({ id }: ById, { loaders, caller }: BillingContext): Promise<BilledApp | null> => {
      const subscription = await loaders.subscriptionsByApp.load(id)
      return subscription !== null || caller.operator ? { id, subscription } : null
    },
    plan: ({ subscription }: BilledApp, _args: unknown, { loaders }: BillingContext) =>
      subscription === null ? null : loaders.subscribedPlans.load(subscription.planId),
    planSubscription: ({ subscription }: BilledApp) => subscription,
    usage: async (
      { id }: BilledApp,
      args: { from?: Date | null; to?: Date | null },
      { loaders, now }: BillingContext,
    ) => {
      const span = usageSpan(args, now())
      return { ...span, ...(await loaders.usage.load({ appId: id, ...span })) }
    },
  },
  Organization: {
    __resolveReference: ({ id }: ById, { caller }: BillingContext) => visibleOrganization(caller, id),
    invoices: ({ id }: ById, { status, ...page }: InvoiceArgs, { loaders }: BillingContext) =>
      loaders.invoicesOfOrganization(id, page, status ? { status } : {}),
    commissions: ({ id }: ById, args: ConnectionArgs, { loaders }: BillingContext) =>
      loaders.commissionsOfOrganization(id, args),
  },
  DealRegistration: {
    __resolveReference: ({ id }: ById) => ({ id }),
    commission: ({ id }: ById, _args: unknown, { loaders }: BillingContext) => loaders.commissionsByDeal.load(id),
  },
  Invoice: {
    id: ({ _id }: Invoice) => _id,
  },
  Commission: {
    __resolveReference: ({ id }: ById, { loaders }: BillingContext) => loaders.commissions.load(id),
    id: ({ _id }: Commission) => _id,
    dealRegistration: ({ dealId }: Commission) => ({ __typename: 'DealRegistration', id: dealId }),
  },
}
