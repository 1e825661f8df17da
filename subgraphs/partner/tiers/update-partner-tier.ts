import type { ClientSession } from 'mongoose'
import { checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type TierInput, checkBenefits, checkGrants, checkThresholds } from './check-tier.ts'
import { tierEvent } from './tier-events.ts'

export interface UpdatePartnerTierInput extends TierInput {
  readonly id: string
  readonly name?: string | null
  readonly benefits?: readonly string[] | null
  readonly expectedVersion?: number | null
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
    grants: input.grants == null ? (tier.grants ?? []) : checkGrants(input.grants, errors),
    thresholds: input.thresholds == null ? tier.thresholds : checkThresholds(input.thresholds, errors),
    assignment: input.assignment ?? tier.assignment,
    graceDays: input.graceDays == null ? tier.graceDays : errors.whole(['graceDays'], input.graceDays, [0, 366]),
  }
  errors.check()
  const changed = await models.tiers.change(session, tier, changes)
  await events.append(session, tierEvent('changed', changed))
  return tier._id
}
