import type { ClientSession } from 'mongoose'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import type { PlanStatus } from './plan.ts'
import { planChanged } from './plan-event.ts'

export const planStates = createStateMachine<PlanStatus>('plan', { ACTIVE: ['ARCHIVED'], ARCHIVED: [] })

/** Takes a plan off offer. Apps that are on it stay on it. */
export async function archivePlan(
  { models, events, now }: BillingContext,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  const plan = await models.plans.findById(input.id, session)
  if (plan === null) throw notFound('plan')
  checkVersion('plan', plan.version, input.expectedVersion)
  const illegal = planStates.refusal(plan.status, 'ARCHIVED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  if (plan.isDefault) {
    throw refuse('DEFAULT_IS_NEEDED', ['input', 'id'], 'New apps need a plan: make another plan the default first.')
  }
  const archived = await models.plans.change(plan, { status: 'ARCHIVED', updatedAt: now() }, session)
  await events.append(session, planChanged(archived))
  return plan._id
}
