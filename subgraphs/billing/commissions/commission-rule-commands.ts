import type { ClientSession } from 'mongoose'
import { createId, isIdOf } from '../../../kit/ids.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkText, checkVersion, notFound } from '../command.ts'
import type { MoneyInput } from '../money/parse-money.ts'
import { requireText } from '../plans/create-plan.ts'
import { checkMoney } from '../plans/plan-input.ts'
import type { CommissionRule, CommissionRuleStatus } from './commission-rule.ts'

export interface CreateCommissionRuleInput {
  readonly name: string
  readonly organizationId?: string | null
  readonly tierId?: string | null
  readonly family?: string | null
  readonly rateBasisPoints?: number | null
  readonly fixedAmount?: MoneyInput | null
  readonly cap?: MoneyInput | null
  readonly validFrom?: Date | null
  readonly validUntil?: Date | null
}

const ruleStates = createStateMachine<CommissionRuleStatus>('rule', { ACTIVE: ['ARCHIVED'], ARCHIVED: [] })

/** Adds a rule. Rules are never changed, so that what a commission was earned by can be read later. */
export async function createCommissionRule(
  { models, now }: BillingContext,
  input: CreateCommissionRuleInput,
  session: ClientSession,
): Promise<string> {
  const validFrom = input.validFrom ?? now()
  const validUntil = input.validUntil ?? null
  if (validUntil !== null && validUntil <= validFrom) {
    throw refuse('INVALID_VALIDITY', ['input', 'validUntil'], '`validUntil` has to be after `validFrom`.')
  }
  const rule: CommissionRule = {
    _id: createId('CommissionRule'),
    name: requireText('name', input.name, 120),
    organizationId: checkId('organizationId', 'Organization', input.organizationId),
    tierId: checkId('tierId', 'PartnerTier', input.tierId),
    family: checkText('family', input.family, 80),
    ...checkTerms(input),
    validFrom,
    validUntil,
    status: 'ACTIVE',
    version: 1,
    createdAt: now(),
  }
  await models.commissionRules.insert(rule, session)
  return rule._id
}

/** Ends a rule at once; what was earned by it stays, and deals that were won before still earn by it. */
export async function archiveCommissionRule(
  { models, now }: BillingContext,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  const rule = await models.commissionRules.findById(input.id, session)
  if (rule === null) throw notFound('rule')
  checkVersion('rule', rule.version, input.expectedVersion)
  const illegal = ruleStates.refusal(rule.status, 'ARCHIVED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const at = now()
  const validUntil = rule.validUntil !== null && rule.validUntil < at ? rule.validUntil : at
  await models.commissionRules.change(rule, { status: 'ARCHIVED', validUntil }, session)
  return rule._id
}

function checkTerms({ rateBasisPoints = null, fixedAmount = null, cap = null }: CreateCommissionRuleInput) {
  if ((rateBasisPoints === null) === (fixedAmount === null)) {
    throw refuse('INVALID_RATE', ['input'], 'A rule has either `rateBasisPoints` or a `fixedAmount`.')
  }
  if (rateBasisPoints !== null && (rateBasisPoints < 1 || rateBasisPoints > 10_000)) {
    throw refuse('INVALID_RATE', ['input', 'rateBasisPoints'], 'A rate has 1 to 10,000 basis points.')
  }
  const terms = {
    rateBasisPoints,
    fixedAmount: fixedAmount === null ? null : checkMoney('fixedAmount', fixedAmount),
    cap: cap === null ? null : checkMoney('cap', cap),
  }
  for (const field of ['fixedAmount', 'cap'] as const) {
    if (terms[field]?.minorUnits === 0) throw refuse('INVALID_AMOUNT', ['input', field], 'It has to be more than 0.')
  }
  return terms
}

function checkId(field: string, type: 'Organization' | 'PartnerTier', id: string | null | undefined): string | null {
  if (!id) return null
  if (isIdOf(type, id)) return id
  throw refuse('NOT_FOUND', ['input', field], `\`${field}\` is no id of that kind.`)
}
