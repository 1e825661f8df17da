import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import { idOf, organizationReference } from '../organization-reference.ts'
import { changePlanSubscription } from './change-plan-subscription.ts'
import { decidePlanRequest, withdrawPlanRequest } from './decide-plan-request.ts'
import type { PlanRequest, PlanRequestStatus } from './plan-request.ts'
import { requestPlan } from './request-plan.ts'
import type { PlanSubscription } from './subscription.ts'

interface ById {
  readonly id: string
}
type RequestArgs = ConnectionArgs & { readonly status?: PlanRequestStatus | null }

/** An app as billing knows it: by its subscription. */
export interface BilledApp {
  readonly id: string
  /** Null for one without a subscription, which the operator alone sees. */
  readonly organizationId: string | null
  readonly subscription: PlanSubscription | null
}

/** An app of the caller's; null for another organization's. The operator sees apps without a subscription too. */
export async function billedApp(id: string, { loaders, caller }: BillingContext): Promise<BilledApp | null> {
  const subscription = await loaders.subscriptionsByApp.load(id)
  if (subscription === null && !caller.operator) return null
  return { id, organizationId: subscription?.organizationId ?? null, subscription }
}

const requestPayload = ({ id, userErrors }: MutationOutcome, { loaders }: BillingContext) => ({
  planRequest: id === null ? null : loaders.planRequests.load(id),
  userErrors,
})

export const subscriptionResolvers: Resolvers<BillingContext> = {
  Query: {
    planRequests: (_: unknown, { status, ...page }: RequestArgs, { models, caller }: BillingContext) =>
      models.planRequests.readPage(caller, status ? { status } : {}, page),
  },
  Mutation: {
    changePlanSubscription: command(
      'changePlanSubscription',
      changePlanSubscription,
      ({ id, userErrors }, { loaders }) => ({
        planSubscription: id === null ? null : loaders.subscriptions.load(id),
        userErrors,
      }),
      { contended: ({ appId }) => [appId] },
    ),
    requestPlan: command('requestPlan', requestPlan, requestPayload),
    withdrawPlanRequest: command('withdrawPlanRequest', withdrawPlanRequest, requestPayload),
    decidePlanRequest: command('decidePlanRequest', decidePlanRequest, requestPayload, { operatorOnly: true }),
  },
  App: {
    __resolveReference: ({ id }: ById, context: BillingContext) => billedApp(id, context),
    plan: ({ subscription = null }: Partial<BilledApp>, _args: unknown, { loaders }: BillingContext) =>
      subscription === null ? null : loaders.subscribedPlans.load(subscription.planId),
    planSubscription: ({ subscription }: BilledApp) => subscription,
  },
  Organization: {
    planRequests: ({ id }: ById, { status, ...page }: RequestArgs, { loaders }: BillingContext) =>
      loaders.planRequestsOfOrganization(id, page, status ? { status } : {}),
  },
  PlanSubscription: {
    id: idOf,
    app: (subscription: PlanSubscription): BilledApp => ({
      id: subscription.appId,
      organizationId: subscription.organizationId,
      subscription,
    }),
    plan: ({ planId }: PlanSubscription, _args: unknown, { loaders }: BillingContext) =>
      loaders.subscribedPlans.load(planId),
    pendingPlan: ({ pendingPlanId }: PlanSubscription, _args: unknown, { loaders }: BillingContext) =>
      pendingPlanId === null ? null : loaders.subscribedPlans.load(pendingPlanId),
  },
  PlanRequest: {
    id: idOf,
    organization: organizationReference,
    app: ({ appId }: PlanRequest, _args: unknown, context: BillingContext) => billedApp(appId, context),
    plan: ({ planId }: PlanRequest, _args: unknown, { loaders }: BillingContext) =>
      loaders.subscribedPlans.load(planId),
  },
}
