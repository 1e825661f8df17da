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

/** A new app is on the default plan, and the subscription of a revoked one ends; in one order. */
export const followApps: Reaction<BillingModels> = {
  name: 'subscriptions',
  types: ['app.created', 'app.revoked'],
  handle: (context, event, session) =>
    event.type === 'app.created' ? subscribeApp(context, event, session) : revokeApp(context, event, session),
}

async function subscribeApp(
  work: BillingWork,
  { subject: appId, time, data }: DomainEvent,
  session: ClientSession,
): Promise<void> {
  if ((await work.models.subscriptions.findByApp(appId, session)) !== null) return
  const plan = await work.models.plans.findDefault(session)
  if (plan === null) return
  const owner = { appId, appName: String(data['name']), organizationId: String(data['organizationId']) }
  await beginSubscription(work, session, { ...owner, plan, at: time })
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
