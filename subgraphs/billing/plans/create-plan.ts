import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkText } from '../command.ts'
import type { MoneyInput } from '../money/parse-money.ts'
import type { Plan, PlanVisibility } from './plan.ts'
import type { RevenueShareTerms } from './pricing-rule.ts'
import {
  type PlanLimitsInput,
  type PricingRuleInput,
  checkHandle,
  checkLimits,
  checkMoney,
  checkPricing,
  checkRevenueShare,
  checkTrialDays,
} from './plan-input.ts'
import { planChanged } from './plan-event.ts'

export interface CreatePlanInput {
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: PlanVisibility
  readonly monthlyPrice: MoneyInput
  readonly trialDays?: number | null
  readonly limits: PlanLimitsInput
  readonly pricing?: readonly PricingRuleInput[] | null
  readonly revenueShare?: RevenueShareTerms | null
  readonly isDefault?: boolean | null
}

/** Adds a plan; as the default plan it takes the place of the one before. */
export async function createPlan(
  context: BillingContext,
  input: CreatePlanInput,
  session: ClientSession,
): Promise<string> {
  const now = context.now()
  const monthlyPrice = checkMoney('monthlyPrice', input.monthlyPrice)
  const plan: Plan = {
    _id: createId('Plan'),
    handle: checkHandle(input.handle),
    name: requireText('name', input.name, 80),
    description: requireText('description', input.description, 500),
    visibility: input.visibility,
    status: 'ACTIVE',
    isDefault: input.isDefault ?? false,
    monthlyPrice,
    trialDays: checkTrialDays(input.trialDays ?? 0),
    limits: checkLimits(input.limits),
    pricing: checkPricing(input.pricing ?? [], monthlyPrice.currencyCode),
    revenueShare: checkRevenueShare(['input', 'revenueShare'], input.revenueShare),
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  if (plan.isDefault) await takeDefault(context, plan, session)
  try {
    await context.models.plans.insert(plan, session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('HANDLE_TAKEN', ['input', 'handle'], 'Another plan has this handle; choose another.')
  }
  await context.events.append(session, planChanged(plan))
  return plan._id
}

/** Of all plans one is the default: whichever was it before no longer is. */
export async function takeDefault(
  { models, events, now }: BillingContext,
  plan: Pick<Plan, 'visibility'>,
  session: ClientSession,
): Promise<void> {
  if (plan.visibility === 'HIDDEN') {
    throw refuse('DEFAULT_IS_HIDDEN', ['input', 'isDefault'], 'A hidden plan cannot be what new apps get.')
  }
  const before = await models.plans.findDefault(session)
  if (before === null) return
  const changed = await models.plans.change(before, { isDefault: false, updatedAt: now() }, session)
  await events.append(session, planChanged(changed))
}

export function requireText(field: string, value: string, longest: number): string {
  const text = checkText(field, value, longest)
  if (text !== null) return text
  throw refuse('INVALID_TEXT', ['input', field], `\`${field}\` must not be empty.`)
}
