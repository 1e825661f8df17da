import { type TierFacts, meets } from './thresholds.ts'
import type { PartnerTier } from './tiers.ts'

const dayMs = 24 * 60 * 60 * 1000

export interface TierSituation {
  /** All tiers, lowest first. */
  readonly ladder: readonly PartnerTier[]
  readonly tierId: string | null
  readonly facts: TierFacts
  readonly graceEndsAt: Date | null
  readonly heldUntil: Date | null
  /** The promotion that the operator has declined, and until when it is not proposed again. */
  readonly declined: { readonly tierId: string; readonly until: Date } | null
  readonly now: Date
}

export interface TierVerdict {
  readonly reachedTierId: string | null
  readonly graceEndsAt: Date | null
  /** The tier to move to at once. */
  readonly assign: string | null
  /** The move to propose to the operator. */
  readonly propose: { readonly kind: 'PROMOTION' | 'DEMOTION'; readonly tierId: string } | null
}

/** What an evaluation comes to. It moves up at once and down only after the time of grace. */
export function judgeTier(situation: TierSituation): TierVerdict {
  const { ladder, tierId, facts, now } = situation
  const reached = ladder.filter(({ assignment, thresholds }) => assignment !== 'MANUAL' && meets(thresholds, facts))
  const stay = { reachedTierId: reached.at(-1)?._id ?? null, graceEndsAt: null, assign: null, propose: null }
  if (situation.heldUntil !== null && situation.heldUntil > now) return stay

  const current = ladder.find(({ _id }) => _id === tierId)
  const level = current?.level ?? 0
  const higher = reached.filter((tier) => tier.level > level)
  if (higher.length > 0) {
    const assigned = higher.findLast(({ assignment }) => assignment === 'AUTOMATIC')
    const proposed = higher.findLast(
      (tier) => tier.assignment === 'ON_APPROVAL' && tier.level > (assigned?.level ?? level) && !isDeclined(tier),
    )
    return {
      ...stay,
      assign: assigned?._id ?? null,
      propose: proposed ? { kind: 'PROMOTION', tierId: proposed._id } : null,
    }
  }
  if (!current || current.assignment === 'MANUAL' || reached.includes(current)) return stay

  const lower = reached.at(-1) ?? ladder[0]
  if (lower === undefined || lower.level >= level) return stay
  const graceEndsAt = situation.graceEndsAt ?? new Date(now.getTime() + current.graceDays * dayMs)
  if (graceEndsAt > now) return { ...stay, graceEndsAt }
  if (current.assignment === 'AUTOMATIC') return { ...stay, assign: lower._id }
  return { ...stay, graceEndsAt, propose: { kind: 'DEMOTION', tierId: lower._id } }

  function isDeclined(tier: PartnerTier): boolean {
    const { declined } = situation
    return declined !== null && declined.tierId === tier._id && declined.until > now
  }
}
