import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import type { Plan } from '../plans/plan.ts'
import { renewUntil } from './renew-subscription.ts'
import { type PlanSubscription, subscriptionStates } from './subscription.ts'
import { switchPlan } from './switch-plan.ts'

export interface ChangePlanSubscriptionInput {
  readonly appId: string
  readonly planId: string
  readonly when?: 'NOW' | 'PERIOD_END' | null
  readonly expectedVersion?: number | null
}

/** Changes the plan of an app: up at once with proration, down at the end of the month or at once with a credit. */
export async function changePlanSubscription(
  context: BillingContext,
  input: ChangePlanSubscriptionInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  const found = await models.subscriptions.findOwned(caller, input.appId, session)
  if (found === null) throw notFound('subscription', 'appId')
  checkVersion('subscription', found.version, input.expectedVersion)
  if (subscriptionStates.next(found.status).length === 0) {
    const message = subscriptionStates.refusal(found.status, 'ACTIVE') ?? ''
    throw refuse('ILLEGAL_TRANSITION', ['input', 'appId'], message)
  }
  const now = context.now()
  const subscription = await renewUntil(context, session, found, now)
  if (subscription.planId === input.planId) return keepPlan(context, session, subscription)
  const plan = await models.plans.findVisible(caller, input.planId, session)
  if (plan === null) throw notFound('plan', 'planId')
  checkChoice(plan, caller.operator)
  if ((input.when ?? usualMoment(subscription, plan)) === 'NOW') {
    await switchPlan(context, session, { subscription, plan, at: now })
  } else {
    await models.subscriptions.change(subscription, { pendingPlanId: plan._id }, session)
  }
  return subscription._id
}

function checkChoice(plan: Plan, operator: boolean): void {
  if (plan.status === 'ARCHIVED') {
    throw refuse('PLAN_ARCHIVED', ['input', 'planId'], 'The plan is no longer offered; choose another.')
  }
  if (plan.visibility !== 'PUBLIC' && !operator) {
    throw refuse('PLAN_BY_REQUEST', ['input', 'planId'], 'The operator grants this plan: ask with `requestPlan`.')
  }
}

/** Down at the end of the month, everything else at once; prices of different currencies cannot be compared. */
export function usualMoment({ price }: PlanSubscription, { monthlyPrice }: Plan): 'NOW' | 'PERIOD_END' {
  const down = price.currencyCode === monthlyPrice.currencyCode && monthlyPrice.minorUnits < price.minorUnits
  return down ? 'PERIOD_END' : 'NOW'
}

/** To choose the plan that the app is on takes back a change that was planned. */
async function keepPlan(context: BillingContext, session: ClientSession, subscription: PlanSubscription) {
  if (subscription.pendingPlanId === null) {
    throw refuse('ALREADY_ON_PLAN', ['input', 'planId'], 'The app is on this plan already.')
  }
  await context.models.subscriptions.change(subscription, { pendingPlanId: null }, session)
  return subscription._id
}
