import type { Money } from '../../../kit/money.ts'
import type { RevenueShareTerms } from '../plans/pricing-rule.ts'

export const chargeKinds = ['PLAN_FEE', 'PRORATION_CHARGE', 'PRORATION_CREDIT'] as const
export type ChargeKind = (typeof chargeKinds)[number]

/** A plan's price, or a part of it, that waits for the invoice of its month. Below zero for credits. */
export interface Charge {
  /** From what caused it, so that the same cause cannot charge twice. */
  readonly _id: string
  readonly organizationId: string
  readonly appId: string
  readonly planId: string
  readonly kind: ChargeKind
  readonly period: string
  readonly description: string
  readonly amount: Money
  readonly revenueShare: RevenueShareTerms | null
  readonly chargedAt: Date
  readonly invoiceId: string | null
}
