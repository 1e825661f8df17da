import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkText, notFound } from '../command.ts'
import { planRequestEvent } from './plan-request-event.ts'
import type { PlanRequest } from './plan-request.ts'

/** Asks the operator for a plan on behalf of an app. */
export async function requestPlan(
  context: BillingContext,
  input: { readonly appId: string; readonly planId: string; readonly note?: string | null },
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  const subscription = await models.subscriptions.findOwned(caller, input.appId, session)
  if (subscription === null || subscription.status === 'ENDED') throw notFound('subscription', 'appId')
  const plan = await models.plans.findVisible(caller, input.planId, session)
  if (plan === null) throw notFound('plan', 'planId')
  if (plan.visibility !== 'BY_REQUEST' || plan.status !== 'ACTIVE') {
    const message = 'Only plans BY_REQUEST are asked for; change to a public one with `changePlanSubscription`.'
    throw refuse('PLAN_NOT_BY_REQUEST', ['input', 'planId'], message)
  }
  if (subscription.planId === plan._id) {
    throw refuse('ALREADY_ON_PLAN', ['input', 'planId'], 'The app is on this plan already.')
  }
  const request: PlanRequest = {
    _id: createId('PlanRequest'),
    organizationId: subscription.organizationId,
    appId: subscription.appId,
    planId: plan._id,
    status: 'PENDING',
    note: checkText('note', input.note, 1_000),
    reason: null,
    createdAt: context.now(),
    decidedAt: null,
    version: 1,
  }
  try {
    await models.planRequests.insert(request, session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_REQUESTED', ['input', 'appId'], 'A request of this app is open; withdraw it to ask anew.')
  }
  await context.events.append(session, planRequestEvent(request))
  return request._id
}
