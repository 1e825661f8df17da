import type { Money } from '../../../kit/money.ts'
import type { PricingRule } from './pricing-rule.ts'

export interface PlanLimits {
  readonly bucketSize: number
  readonly restoreRate: number
  readonly maxQueryCost: number
  readonly monthlyCalls: number | null
  readonly readOnly: boolean
}

/** Who earns of what is charged, and how much of it in basis points. */
export interface RevenueShareTerms {
  readonly organizationId: string
  readonly basisPoints: number
}

export const planVisibilities = ['PUBLIC', 'BY_REQUEST', 'HIDDEN'] as const
export type PlanVisibility = (typeof planVisibilities)[number]

export const planStatuses = ['ACTIVE', 'ARCHIVED'] as const
export type PlanStatus = (typeof planStatuses)[number]

export interface Plan {
  readonly _id: string
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: PlanVisibility
  readonly status: PlanStatus
  readonly isDefault: boolean
  readonly monthlyPrice: Money
  /** Days that an app may try the plan free of charge, once; 0 for none. */
  readonly trialDays: number
  readonly limits: PlanLimits
  readonly pricing: readonly PricingRule[]
  /** Who has a share in the monthly price. */
  readonly revenueShare: RevenueShareTerms | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
