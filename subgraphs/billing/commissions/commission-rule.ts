import type { Money } from '../../../kit/money.ts'
import { shareOf } from '../money/rounding.ts'

export const ruleStatuses = ['ACTIVE', 'ARCHIVED'] as const
export type CommissionRuleStatus = (typeof ruleStatuses)[number]

/** What a won deal earns: a share of its value, or a fixed amount. Null of a condition means any. */
export interface CommissionRule {
  readonly _id: string
  readonly name: string
  readonly organizationId: string | null
  readonly tierId: string | null
  readonly family: string | null
  readonly rateBasisPoints: number | null
  readonly fixedAmount: Money | null
  /** The most that one deal earns; null for no limit. */
  readonly cap: Money | null
  readonly validFrom: Date
  readonly validUntil: Date | null
  readonly status: CommissionRuleStatus
  readonly version: number
  readonly createdAt: Date
}

/** A won deal as far as rules look at it. */
export interface WonDeal {
  readonly organizationId: string
  readonly tierId: string | null
  readonly family: string | null
  readonly value: Money
  readonly wonAt: Date
}

/**
 * The rule for a deal: of those that apply, one of the organization goes before one of its tier, and that before one
 * for all; within those, one of the product family before one for all families; then the one that began last; then
 * the one that was made last.
 */
export function ruleFor(rules: readonly CommissionRule[], deal: WonDeal): CommissionRule | undefined {
  return rules
    .filter((rule) => applies(rule, deal))
    .toSorted(
      (a, b) =>
        rank(b) - rank(a) ||
        b.validFrom.getTime() - a.validFrom.getTime() ||
        (a._id === b._id ? 0 : a._id < b._id ? 1 : -1),
    )[0]
}

/** What a deal earns by a rule, rounded half up to the minor unit and then capped. */
export function commissionAmount(rule: CommissionRule, { value }: WonDeal): Money {
  const earned = rule.fixedAmount ?? shareOf(value, rule.rateBasisPoints ?? 0)
  return rule.cap === null || earned.minorUnits <= rule.cap.minorUnits ? earned : rule.cap
}

function applies(rule: CommissionRule, { organizationId, tierId, family, value, wonAt }: WonDeal): boolean {
  // A fixed amount or cap in another currency says nothing about this deal.
  const sameCurrency = [rule.fixedAmount, rule.cap].every(
    (amount) => amount === null || amount.currencyCode === value.currencyCode,
  )
  return (
    // The event of a deal may be handled late, when a rule that was valid is archived by then: that has ended it.
    (rule.status === 'ACTIVE' || rule.validUntil !== null) &&
    sameCurrency &&
    (rule.organizationId === null || rule.organizationId === organizationId) &&
    (rule.tierId === null || rule.tierId === tierId) &&
    (rule.family === null || rule.family === family) &&
    rule.validFrom <= wonAt &&
    (rule.validUntil === null || wonAt < rule.validUntil)
  )
}

function rank({ organizationId, tierId, family }: CommissionRule): number {
  return (organizationId === null ? 0 : 4) + (tierId === null ? 0 : 2) + (family === null ? 0 : 1)
}
