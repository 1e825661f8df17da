import type { ClientSession } from 'mongoose'
import type { Reaction } from '../../../kit/background.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import { createId } from '../../../kit/ids.ts'
import type { BillingWork } from '../billing-work.ts'
import { monthEndAfter } from '../calendar.ts'
import type { BillingModels } from '../models/billing-models.ts'
import type { Plan } from '../plans/plan.ts'
import { chargeSubscription } from './charge-subscription.ts'
import { restOfMonth } from './proration.ts'
import { ended, endSubscription } from './end-subscription.ts'
import { earlier } from './renew-subscription.ts'
import type { PlanSubscription } from './subscription.ts'
import { subscriptionChanged } from './subscription-event.ts'
import { trialEnd } from './trial.ts'

/**
 * The first app of an organization is on the plan that its application was approved for, any other new one on the
 * default plan; the subscription of a revoked one ends. In one order, so that an approval comes before the app.
 */
export const followApps: Reaction<BillingModels> = {
  name: 'subscriptions',
  types: ['app.created', 'app.revoked', 'partner_application.approved'],
  handle: (context, event, session) => {
    if (event.type === 'partner_application.approved') return grantPlan(context, event, session)
    return event.type === 'app.created' ? subscribeApp(context, event, session) : revokeApp(context, event, session)
  },
}

async function grantPlan({ models }: BillingWork, { data, time }: DomainEvent, session: ClientSession): Promise<void> {
  const plan = await models.plans.findOffered(String(data['planHandle']), session)
  if (plan === null || plan.isDefault) return
  await models.planGrants.grant(session, { organizationId: String(data['organizationId']), planId: plan._id, at: time })
}

async function subscribeApp(
  work: BillingWork,
  { subject: appId, time, data }: DomainEvent,
  session: ClientSession,
): Promise<void> {
  if ((await work.models.subscriptions.findByApp(appId, session)) !== null) return
  const organizationId = String(data['organizationId'])
  const plan =
    (await grantedPlan(work, session, { organizationId, appId })) ?? (await work.models.plans.findDefault(session))
  if (plan === null) return
  const owner = { appId, appName: String(data['name']), organizationId }
  await beginSubscription(work, session, { ...owner, plan, at: time })
}

/** The plan that the organization's application was approved for, if no app of it has it yet and it is not archived. */
async function grantedPlan(
  { models }: BillingWork,
  session: ClientSession,
  { organizationId, appId }: { readonly organizationId: string; readonly appId: string },
): Promise<Plan | null> {
  const planId = await models.planGrants.take(session, organizationId, appId)
  const plan = planId === null ? null : await models.plans.findById(planId, session)
  return plan?.status === 'ACTIVE' ? plan : null
}

async function beginSubscription(work: BillingWork, session: ClientSession, begun: NewSubscription): Promise<void> {
  const { plan, at } = begun
  const subscription = newSubscription(begun)
  await work.models.subscriptions.insert(subscription, session)
  if (subscription.status === 'ACTIVE') {
    const amount = restOfMonth(plan.monthlyPrice, at)
    await chargeSubscription(work, session, { subscription, plan, kind: 'PLAN_FEE', amount, at })
  }
  await work.events.append(session, subscriptionChanged(subscription, null))
}

async function revokeApp(
  work: BillingWork,
  { subject: appId, time, data }: DomainEvent,
  session: ClientSession,
): Promise<void> {
  const { models } = work
  const found = await models.subscriptions.findByApp(appId, session)
  if (found?.status === 'ENDED') return
  if (found !== null) return endSubscription(work, session, { found, at: time })
  // Its creation is still to be handled, because that has failed before: it must not begin what has ended.
  const plan = await models.plans.findDefault(session)
  if (plan === null) return
  const owner = { appId, appName: appId, organizationId: String(data['organizationId']) }
  await models.subscriptions.insert({ ...newSubscription({ ...owner, plan, at: time }), ...ended }, session)
}

interface NewSubscription {
  readonly appId: string
  readonly appName: string
  readonly organizationId: string
  readonly plan: Plan
  readonly at: Date
}

function newSubscription({ plan, at, ...owner }: NewSubscription): PlanSubscription {
  const trialEndsAt = trialEnd({ status: 'ACTIVE', trialEndsAt: null, triedPlanIds: [] }, plan, at)
  return {
    _id: createId('PlanSubscription'),
    ...owner,
    planId: plan._id,
    status: trialEndsAt === null ? 'ACTIVE' : 'TRIALING',
    price: plan.monthlyPrice,
    startedAt: at,
    trialEndsAt,
    triedPlanIds: trialEndsAt === null ? [] : [plan._id],
    renewsAt: trialEndsAt === null ? monthEndAfter(at) : earlier(trialEndsAt, monthEndAfter(at)),
    pendingPlanId: null,
    version: 1,
  }
}
