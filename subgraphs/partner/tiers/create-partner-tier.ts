import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { createInputErrors, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type TierInput, checkBenefits, checkGrants, checkThresholds, noThresholds } from './check-tier.ts'
import { tierEvent } from './tier-events.ts'
import { type PartnerTier, mostTiers } from './tiers.ts'

export interface CreatePartnerTierInput extends TierInput {
  readonly name: string
  readonly level: number
  readonly benefits: readonly string[]
}

/** Adds a tier. Everybody is evaluated anew, because the programme has another version by it. */
export async function createPartnerTier(
  context: PartnerContext,
  input: CreatePartnerTierInput,
  session: ClientSession,
) {
  operatorOnly(context.caller)
  const { models, events } = context
  const errors = createInputErrors()
  const tier: PartnerTier = {
    _id: createId('PartnerTier'),
    name: errors.text(['name'], input.name, 60),
    level: errors.whole(['level'], input.level, [1, 100]),
    benefits: checkBenefits(input.benefits, errors),
    grants: checkGrants(input.grants ?? [], errors),
    thresholds: input.thresholds == null ? noThresholds : checkThresholds(input.thresholds, errors),
    assignment: input.assignment ?? 'ON_APPROVAL',
    graceDays: errors.whole(['graceDays'], input.graceDays ?? 90, [0, 366]),
    version: 1,
  }
  errors.check()
  if ((await models.tiers.ladder(session)).length >= mostTiers) {
    throw refuse('TOO_MANY', null, `The programme has at most ${mostTiers} tiers.`)
  }
  try {
    await models.tiers.insert(session, tier)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('LEVEL_TAKEN', ['input', 'level'], 'Another tier has this level.')
  }
  await events.append(session, tierEvent('created', tier))
  return tier._id
}
