import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import { type CreatePlanInput, requireText, takeDefault } from './create-plan.ts'
import type { Plan } from './plan.ts'
import { checkLimits, checkMoney, checkPricing, checkRevenueShare, checkTrialDays } from './plan-input.ts'
import { planChanged } from './plan-event.ts'

export type ChangePlanInput = {
  readonly id: string
  readonly expectedVersion?: number | null
} & { readonly [Field in keyof Omit<CreatePlanInput, 'handle'>]?: CreatePlanInput[Field] | null }

/** Changes what was given of a plan. Apps on it pay another price from their next renewal on. */
export async function changePlan(
  context: BillingContext,
  input: ChangePlanInput,
  session: ClientSession,
): Promise<string> {
  const plan = await context.models.plans.findById(input.id, session)
  if (plan === null) throw notFound('plan')
  checkVersion('plan', plan.version, input.expectedVersion)
  if (plan.status === 'ARCHIVED') {
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], 'The plan is ARCHIVED and cannot be changed; it is final.')
  }
  const changes = checkChanges(plan, input)
  const changed = { ...plan, ...changes }
  if (changed.isDefault && !plan.isDefault) await takeDefault(context, changed, session)
  if (changed.isDefault && changed.visibility === 'HIDDEN') {
    throw refuse('DEFAULT_IS_HIDDEN', ['input', 'visibility'], 'Make another plan the default before hiding this one.')
  }
  if (plan.isDefault && !changed.isDefault) {
    const message = 'New apps need a plan: make another plan the default instead.'
    throw refuse('DEFAULT_IS_NEEDED', ['input', 'isDefault'], message)
  }
  const written = await context.models.plans.change(plan, { ...changes, updatedAt: context.now() }, session)
  await context.events.append(session, planChanged(written))
  return plan._id
}

function checkChanges(plan: Plan, input: ChangePlanInput): Partial<Plan> {
  const monthlyPrice = input.monthlyPrice ? checkMoney('monthlyPrice', input.monthlyPrice) : plan.monthlyPrice
  if (monthlyPrice.currencyCode !== plan.monthlyPrice.currencyCode) {
    const message = `The plan is priced in ${plan.monthlyPrice.currencyCode}; make another plan for another currency.`
    throw refuse('CURRENCY_IS_FIXED', ['input', 'monthlyPrice', 'currencyCode'], message)
  }
  const { name, description, visibility, isDefault, trialDays, limits, pricing } = input
  return {
    monthlyPrice,
    ...(typeof name === 'string' ? { name: requireText('name', name, 80) } : {}),
    ...(typeof description === 'string' ? { description: requireText('description', description, 500) } : {}),
    ...(visibility ? { visibility } : {}),
    ...(typeof isDefault === 'boolean' ? { isDefault } : {}),
    ...(typeof trialDays === 'number' ? { trialDays: checkTrialDays(trialDays) } : {}),
    ...(limits ? { limits: checkLimits(limits) } : {}),
    ...(pricing ? { pricing: checkPricing(pricing, monthlyPrice.currencyCode) } : {}),
    ...(input.revenueShare === undefined
      ? {}
      : { revenueShare: checkRevenueShare(['input', 'revenueShare'], input.revenueShare) }),
  }
}
