import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import { idOf } from '../organization-reference.ts'
import { readAppLimits } from './app-limits.ts'
import { archivePlan } from './archive-plan.ts'
import { changePlan } from './change-plan.ts'
import { createPlan } from './create-plan.ts'
import { type Plan, completeLimits } from './plan.ts'
import type { PlanFilter } from './plan-model.ts'
import type { PricingRule } from './pricing-rule.ts'

interface ById {
  readonly id: string
}
type PricedRule = PricingRule & { readonly currencyCode: string }

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: BillingContext) => ({
  plan: id === null ? null : loaders.plans.load(id),
  userErrors,
})
const operatorOnly = { operatorOnly: true } as const
const isTiered = ({ scheme }: PricingRule): boolean => scheme === 'GRADUATED' || scheme === 'VOLUME'

export const planResolvers: Resolvers<BillingContext> = {
  Query: {
    plans: (_: unknown, { first, after, ...filter }: ConnectionArgs & PlanFilter, context: BillingContext) =>
      context.models.plans.readPage(context.caller, filter, { first: first ?? null, after: after ?? null }),
    plan: (_: unknown, { id }: ById, { loaders }: BillingContext) => loaders.plans.load(id),
    appLimits: (_: unknown, { appId }: { appId: string }, context: BillingContext) => readAppLimits(context, appId),
  },
  Mutation: {
    createPlan: command('createPlan', createPlan, payload, operatorOnly),
    changePlan: command('changePlan', changePlan, payload, operatorOnly),
    archivePlan: command('archivePlan', archivePlan, payload, operatorOnly),
  },
  Plan: {
    __resolveReference: ({ id }: ById, { loaders }: BillingContext) => loaders.plans.load(id),
    id: idOf,
    limits: ({ limits }: Plan) => completeLimits(limits),
    pricing: ({ pricing, monthlyPrice: { currencyCode } }: Plan) => pricing.map((rule) => ({ ...rule, currencyCode })),
  },
  PricingRule: {
    price: (rule: PricedRule) =>
      isTiered(rule) ? null : { minorUnits: rule.priceMinorUnits, currencyCode: rule.currencyCode },
    tiers: ({ tiers, currencyCode }: PricedRule) =>
      tiers.map(({ upTo, priceMinorUnits }) => ({ upTo, price: { minorUnits: priceMinorUnits, currencyCode } })),
  },
}
