import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkReason, checkTransition, checkVersion, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { moveToTier } from './move-to-tier.ts'
import type { TierStanding } from './standings.ts'
import { proposalEvent } from './tier-events.ts'
import { type TierProposal, tierProposalStateMachine } from './tier-proposals.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How long a declined promotion is not proposed again. */
const declinedDays = 90

export interface DecideTierProposalInput {
  readonly id: string
  readonly decision: 'ACCEPT' | 'DECLINE'
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

/** Accepts or declines a proposed promotion or demotion. */
export async function decideTierProposal(
  context: PartnerContext,
  input: DecideTierProposalInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models, caller, events } = context
  const reason = checkReason(input.reason, false)
  const proposal = known(await models.tierProposals.find(caller, session, input.id), 'proposal')
  checkVersion(proposal, input.expectedVersion)
  const accepted = input.decision === 'ACCEPT'
  const status = accepted ? 'ACCEPTED' : 'DECLINED'
  checkTransition(tierProposalStateMachine.refusal(proposal.status, status), ['decision'])
  const { organizationId, fromTierId, toTierId } = proposal
  const organization = known(await models.organizations.find(caller, session, organizationId), 'organization')
  if (organization.status !== 'APPROVED' || organization.tierId !== fromTierId) {
    const message = 'The organization has changed since this was proposed; it is about to be evaluated anew.'
    throw refuse('PROPOSAL_OUTDATED', ['input', 'id'], message)
  }
  if (accepted) await moveToTier(context, session, { organization, tierId: toTierId })
  const now = context.now()
  await models.standings.evaluateSoon(session, [organizationId], now)
  const standing = await models.standings.findById(session, organizationId)
  if (standing === null) throw new Error(`organization ${organizationId} has no standing`)
  const changes = accepted ? { graceEndsAt: null } : await afterDecline(context, session, { proposal, now })
  await models.standings.change(session, standing, changes)
  const decided = await models.tierProposals.change(session, proposal, { status, reason })
  await events.append(session, proposalEvent(accepted ? 'accepted' : 'declined', decided))
  return proposal._id
}

/** Not the same question again at once: a promotion rests, a demotion waits for another time of grace. */
async function afterDecline(
  { models, caller }: PartnerContext,
  session: ClientSession,
  { proposal, now }: { readonly proposal: TierProposal; readonly now: Date },
): Promise<Partial<TierStanding>> {
  const after = (days: number): Date => new Date(now.getTime() + days * dayMs)
  const { kind, toTierId, fromTierId } = proposal
  if (kind === 'PROMOTION') return { declined: { tierId: toTierId, until: after(declinedDays) } }
  const tier = fromTierId === null ? null : await models.tiers.find(caller, session, fromTierId)
  // At least a day, lest a tier without grace proposes the same at once.
  return { graceEndsAt: after(Math.max(1, tier?.graceDays ?? 1)) }
}
