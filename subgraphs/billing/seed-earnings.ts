import { createId, seededId } from '../../kit/ids.ts'
import { demoDeals } from '../demo-world/deals.ts'
import { daysBefore, wholeBetween } from '../demo-world/deterministic.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import type { Commission } from './commissions/commission.ts'
import type { CommissionRule } from './commissions/commission-rule.ts'
import type { Invoice } from './invoices/invoice.ts'
import { shareOf } from './money/rounding.ts'
import type { Payable, Payout } from './payouts/payout.ts'
import { type RevenueShare, revenueSharesOf } from './revenue-share/revenue-share.ts'

const rateByTier = { registered: 200, silver: 300, gold: 400 } as const

const ruleId = (tier: string): string => seededId('CommissionRule', tier)

/** A rule for each tier. */
export function demoCommissionRules(now: Date): CommissionRule[] {
  return Object.entries(rateByTier).map(([tier, rateBasisPoints]) => ({
    _id: ruleId(tier),
    name: `Won deals, ${tier} partners`,
    organizationId: null,
    tierId: seededId('PartnerTier', tier),
    family: null,
    rateBasisPoints,
    fixedAmount: null,
    cap: null,
    validFrom: daysBefore(now, 720, tier),
    validUntil: null,
    status: 'ACTIVE',
    version: 1,
    createdAt: daysBefore(now, 725, tier),
  }))
}

/** Deals are won some weeks after registration; commissions are approved soon and paid out with the month's payout. */
export function demoCommissions(now: Date): Commission[] {
  return demoDeals.flatMap(({ id, slug, organization, state, valueMinorUnits, createdDaysAgo }) => {
    if (state !== 'WON') return []
    const tier = demoOrganization(organization).tier ?? 'registered'
    const dealValue = { minorUnits: valueMinorUnits, currencyCode: 'EUR' }
    const wonDaysAgo = Math.max(1, createdDaysAgo - wholeBetween(`won:${slug}`, 14, 38))
    const status = wonDaysAgo >= 45 ? 'PAID' : wonDaysAgo >= 10 ? 'APPROVED' : 'ACCRUED'
    return [
      {
        _id: seededId('Commission', slug),
        organizationId: demoOrganization(organization).id,
        dealId: id,
        status,
        live: true,
        ruleId: ruleId(tier),
        rateBasisPoints: rateByTier[tier],
        dealValue,
        amount: shareOf(dealValue, rateByTier[tier]),
        accruedAt: daysBefore(now, wonDaysAgo, slug),
        approvedAt: status === 'ACCRUED' ? null : daysBefore(now, wonDaysAgo - 7, slug),
        paidAt: status === 'PAID' ? daysBefore(now, wonDaysAgo - 45, slug) : null,
        reversedAt: null,
        accruedBy: `seed:${id}`,
        version: 1,
      } satisfies Commission,
    ]
  })
}

/** The shares of publishers in invoices that were paid. */
export function demoRevenueShares(invoices: readonly Invoice[]): RevenueShare[] {
  return invoices.flatMap(({ _id, status, period, paidAt, lines }) =>
    status !== 'PAID' || paidAt === null
      ? []
      : revenueSharesOf(lines).map(({ terms, gross, amount }) => ({
          _id: createId('RevenueShare'),
          organizationId: terms.organizationId,
          invoiceId: _id,
          period,
          gross,
          shareBasisPoints: terms.basisPoints,
          amount,
          accruedAt: paidAt,
        })),
  )
}

/** A payout for each commission that was paid; what is approved, and all revenue shares, wait for the next one. */
export function demoPayouts(
  commissions: readonly Commission[],
  shares: readonly RevenueShare[],
): { payouts: Payout[]; payables: Payable[] } {
  const payouts = commissions.flatMap(({ _id, organizationId, amount, paidAt, status }): Payout[] => {
    if (status !== 'PAID' || paidAt === null) return []
    const createdAt = new Date(paidAt.getTime() - 2 * 60 * 60 * 1000)
    const note = `SEPA ${_id}`
    const id = payoutId(_id)
    return [{ _id: id, organizationId, status: 'PAID', amount, createdAt, settledAt: paidAt, note, version: 2 }]
  })
  const earned = commissions.flatMap(({ _id, organizationId, amount, approvedAt, status }): Payable[] =>
    approvedAt === null
      ? []
      : [
          {
            _id: `COMMISSION:${_id}`,
            organizationId,
            kind: 'COMMISSION',
            reference: _id,
            amount,
            addedAt: approvedAt,
            payoutId: status === 'PAID' ? payoutId(_id) : null,
          },
        ],
  )
  const shared = shares.map(({ _id, organizationId, amount, accruedAt }): Payable => ({
    _id: `REVENUE_SHARE:${_id}`,
    organizationId,
    kind: 'REVENUE_SHARE',
    reference: _id,
    amount,
    addedAt: accruedAt,
    payoutId: null,
  }))
  return { payouts, payables: [...earned, ...shared] }
}

function payoutId(commissionId: string): string {
  return seededId('Payout', commissionId)
}
