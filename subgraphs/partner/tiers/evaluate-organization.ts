import type { ClientSession } from 'mongoose'
import type { BackgroundContext } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import type { PartnerModels } from '../models.ts'
import type { Organization } from '../organizations/organizations.ts'
import { type TierVerdict, judgeTier } from './judge-tier.ts'
import { moveToTier } from './move-to-tier.ts'
import type { TierStanding } from './standings.ts'
import { proposalEvent, tierRiskEvent } from './tier-events.ts'
import type { TierProposal } from './tier-proposals.ts'
import { type PartnerTier, rulesVersion } from './tiers.ts'

type Context = Pick<BackgroundContext<PartnerModels>, 'models' | 'events' | 'now'>

/** Evaluates one organization by the programme as it is, in the transaction that has read both. */
export async function evaluateOrganization(
  context: Context,
  session: ClientSession,
  { standing, ladder }: { readonly standing: TierStanding; readonly ladder: readonly PartnerTier[] },
): Promise<void> {
  const { models, events } = context
  const now = context.now()
  const organization = await models.organizations.findAny(session, standing._id)
  const evaluated = { evaluatedAt: now, rulesVersion: rulesVersion(ladder) }
  if (organization === null || organization.status !== 'APPROVED' || organization.operator) {
    await propose(context, session, { organizationId: standing._id, propose: null })
    await models.standings.change(session, standing, { ...evaluated, graceEndsAt: null, evaluateAt: null })
    return
  }
  const { changesAt, ...won } = await models.wonDeals.sum(session, organization._id, now)
  const facts = { ...won, certifiedMembers: await countCertified(context, session, organization._id) }
  const { graceEndsAt, heldUntil, declined } = standing
  const situation = { ladder, tierId: organization.tierId, facts, graceEndsAt, heldUntil, declined, now }
  const verdict = judgeTier(situation)
  if (verdict.assign !== null) await moveToTier(context, session, { organization, tierId: verdict.assign })
  const tierId = verdict.assign ?? organization.tierId
  await propose(context, session, { organizationId: organization._id, propose: verdict.propose, tierId })
  const times = [changesAt, verdict.graceEndsAt, heldUntil, declined?.until ?? null]
  await models.standings.change(session, standing, {
    ...evaluated,
    ...facts,
    reachedTierId: verdict.reachedTierId,
    graceEndsAt: verdict.graceEndsAt,
    heldUntil: later(heldUntil, now),
    declined: declined && declined.until > now ? declined : null,
    evaluateAt: earliest(times.map((time) => later(time, now))),
  })
  const risk = riskOf(standing, verdict, organization)
  if (risk !== null) await events.append(session, risk)
}

/** Members who hold a certification; of those who have left it no longer counts. */
async function countCertified({ models }: Context, session: ClientSession, organizationId: string): Promise<number> {
  const holders = await models.certifications.holders(session, organizationId)
  const memberIds = holders.filter((id) => id !== null)
  return memberIds.length === 0 ? 0 : models.members.countActive(session, memberIds)
}

/** Leaves one pending proposal, the one that the verdict asks for, or none. */
async function propose(
  { models, events, now }: Context,
  session: ClientSession,
  wanted: { organizationId: string; propose: TierVerdict['propose']; tierId?: string | null },
): Promise<void> {
  const { organizationId, propose: move, tierId = null } = wanted
  const pending = await models.tierProposals.pending(session, organizationId)
  if (pending !== null) {
    if (move !== null && pending.toTierId === move.tierId && pending.fromTierId === tierId) return
    const superseded = await models.tierProposals.change(session, pending, { status: 'SUPERSEDED' })
    await events.append(session, proposalEvent('superseded', superseded))
  }
  if (move === null) return
  const proposal: TierProposal = {
    _id: createId('TierProposal'),
    organizationId,
    kind: move.kind,
    fromTierId: tierId,
    toTierId: move.tierId,
    status: 'PENDING',
    reason: null,
    createdAt: now(),
    version: 1,
  }
  await models.tierProposals.insert(session, proposal)
  await events.append(session, proposalEvent('created', proposal))
}

function riskOf(before: TierStanding, { graceEndsAt, assign }: TierVerdict, { _id, tierId }: Organization) {
  if (graceEndsAt !== null && before.graceEndsAt === null) return tierRiskEvent('at_risk', { _id, tierId, graceEndsAt })
  const kept = graceEndsAt === null && before.graceEndsAt !== null && assign === null
  return kept ? tierRiskEvent('kept', { _id, tierId, graceEndsAt }) : null
}

function later(time: Date | null, now: Date): Date | null {
  return time !== null && time > now ? time : null
}

function earliest(times: readonly (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null).map((time) => time.getTime())
  return known.length === 0 ? null : new Date(Math.min(...known))
}
