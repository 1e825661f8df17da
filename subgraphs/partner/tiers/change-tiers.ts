import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type TierThresholdsInput, checkBenefits, checkThresholds, noThresholds } from './check-tier.ts'
import { tierEvent } from './tier-events.ts'
import { type PartnerTier, type TierAssignment, mostTiers } from './tiers.ts'

interface TierInput {
  readonly thresholds?: TierThresholdsInput | null
  readonly assignment?: TierAssignment | null
  readonly graceDays?: number | null
}

export interface CreatePartnerTierInput extends TierInput {
  readonly name: string
  readonly level: number
  readonly benefits: readonly string[]
}

export interface UpdatePartnerTierInput extends TierInput {
  readonly id: string
  readonly name?: string | null
  readonly benefits?: readonly string[] | null
  readonly expectedVersion?: number | null
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

/** Changes a tier. Everybody is evaluated anew, because the programme has another version by it. */
export async function updatePartnerTier(
  context: PartnerContext,
  input: UpdatePartnerTierInput,
  session: ClientSession,
) {
  operatorOnly(context.caller)
  const { models, events, caller } = context
  const tier = known(await models.tiers.find(caller, session, input.id), 'tier')
  checkVersion(tier, input.expectedVersion)
  const errors = createInputErrors()
  const changes = {
    name: input.name == null ? tier.name : errors.text(['name'], input.name, 60),
    benefits: input.benefits == null ? tier.benefits : checkBenefits(input.benefits, errors),
    thresholds: input.thresholds == null ? tier.thresholds : checkThresholds(input.thresholds, errors),
    assignment: input.assignment ?? tier.assignment,
    graceDays: input.graceDays == null ? tier.graceDays : errors.whole(['graceDays'], input.graceDays, [0, 366]),
  }
  errors.check()
  const changed = await models.tiers.change(session, tier, changes)
  await events.append(session, tierEvent('changed', changed))
  return tier._id
}
