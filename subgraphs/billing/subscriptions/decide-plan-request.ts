import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkText, checkVersion, notFound } from '../command.ts'
import { planRequestEvent } from './plan-request-event.ts'
import { type PlanRequest, type PlanRequestStatus, planRequestStates } from './plan-request.ts'
import { planOf, renewUntil } from './renew-subscription.ts'
import { switchPlan } from './switch-plan.ts'

export interface DecidePlanRequestInput {
  readonly id: string
  readonly decision: 'APPROVE' | 'REJECT'
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

/** Grants or rejects a request; a granted plan is the app's at once, with proration. */
export async function decidePlanRequest(
  context: BillingContext,
  input: DecidePlanRequestInput,
  session: ClientSession,
): Promise<string> {
  const status = input.decision === 'APPROVE' ? 'APPROVED' : 'REJECTED'
  const reason = checkText('reason', input.reason, 1_000)
  if (status === 'REJECTED' && reason === null) {
    throw refuse('REASON_NEEDED', ['input', 'reason'], 'Say why, so that the partner can mend it.')
  }
  const request = await settleRequest(context, session, input, { status, reason })
  if (status === 'REJECTED') return request._id
  const now = context.now()
  const found = await context.models.subscriptions.findByApp(request.appId, session)
  if (found === null || found.status === 'ENDED') throw notFound('subscription of the app')
  const subscription = await renewUntil(context, session, found, now)
  const plan = await planOf(context, session, request.planId)
  if (plan.status === 'ARCHIVED') {
    throw refuse('PLAN_ARCHIVED', ['input', 'id'], 'The plan was archived meanwhile; reject the request.')
  }
  if (subscription.planId !== plan._id) await switchPlan(context, session, { subscription, plan, at: now })
  return request._id
}

/** Takes a request back that was not decided yet. */
export async function withdrawPlanRequest(
  context: BillingContext,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  return (await settleRequest(context, session, input, { status: 'WITHDRAWN', reason: null }))._id
}

async function settleRequest(
  { models, caller, events, now }: BillingContext,
  session: ClientSession,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  outcome: { readonly status: PlanRequestStatus; readonly reason: string | null },
): Promise<PlanRequest> {
  const request = await models.planRequests.find(caller, input.id, session)
  if (request === null) throw notFound('request')
  checkVersion('request', request.version, input.expectedVersion)
  const illegal = planRequestStates.refusal(request.status, outcome.status)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const settled = await models.planRequests.change(request, { ...outcome, decidedAt: now() }, session)
  await events.append(session, planRequestEvent(settled))
  return settled
}
