import type { NewEvent } from '../../../kit/events.ts'
import type { TierProposal } from './tier-proposals.ts'
import type { PartnerTier } from './tiers.ts'

interface Placed {
  readonly _id: string
  readonly tierId: string | null
}

/** An organization has come into another tier. */
export function tierChangedEvent({ _id, tierId }: Placed, previousTierId: string | null): NewEvent {
  return { type: 'organization.tier_changed', subject: _id, audience: [_id], data: { tierId, previousTierId } }
}

/** An organization no longer reaches the thresholds of its tier, or does so again. */
export function tierRiskEvent(
  change: 'at_risk' | 'kept',
  { _id, tierId, graceEndsAt }: Placed & { readonly graceEndsAt: Date | null },
): NewEvent {
  return {
    type: `organization.tier_${change}`,
    subject: _id,
    audience: [_id],
    data: { tierId, graceEndsAt: graceEndsAt?.toISOString() ?? null },
  }
}

/** An event about a proposed move. */
export function proposalEvent(
  change: 'created' | 'accepted' | 'declined' | 'superseded',
  { _id, organizationId, kind, fromTierId, toTierId }: TierProposal,
): NewEvent {
  return {
    type: `tier_proposal.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, kind, fromTierId, toTierId },
  }
}

/** An event about the programme, which every partner may know. */
export function tierEvent(change: 'created' | 'changed', { _id, name, level }: PartnerTier): NewEvent {
  return { type: `partner_tier.${change}`, subject: _id, audience: [], data: { name, level } }
}
