import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { moveToTier } from './move-to-tier.ts'
import { proposalEvent } from './tier-events.ts'

export interface AssignTierInput {
  readonly organizationId: string
  readonly tierId: string
  readonly holdUntil?: Date | null
  readonly expectedVersion?: number | null
}

/** Puts a partner into a tier by hand; what the evaluation has proposed for it is no longer asked. */
export async function assignTier(context: PartnerContext, input: AssignTierInput, session: ClientSession) {
  operatorOnly(context.caller)
  const { models, caller, events } = context
  const now = context.now()
  const errors = createInputErrors()
  const heldUntil = errors.future(['holdUntil'], input.holdUntil, now)
  errors.check()
  const { organizationId, tierId } = input
  const found = await models.organizations.find(caller, session, organizationId)
  const organization = known(found, 'organization', 'organizationId')
  checkVersion(organization, input.expectedVersion)
  known(await models.tiers.find(caller, session, tierId), 'tier', 'tierId')
  if (organization.status !== 'APPROVED') {
    const message = `The organization is ${organization.status}; only one that is APPROVED has a tier.`
    throw refuse('ORGANIZATION_NOT_ACTIVE', ['input', 'organizationId'], message)
  }
  await moveToTier(context, session, { organization, tierId })
  const pending = await models.tierProposals.pending(session, organizationId)
  if (pending !== null) {
    const superseded = await models.tierProposals.change(session, pending, { status: 'SUPERSEDED' })
    await events.append(session, proposalEvent('superseded', superseded))
  }
  await models.standings.evaluateSoon(session, [organizationId], now)
  const standing = await models.standings.findById(session, organizationId)
  if (standing === null) throw new Error(`organization ${organizationId} has no standing`)
  await models.standings.change(session, standing, { heldUntil, graceEndsAt: null, declined: null })
  return organizationId
}
