import type { Money } from '../../../kit/money.ts'
import type { PricingRule, RevenueShareTerms } from './pricing-rule.ts'

export const quotaModes = ['HARD', 'SOFT'] as const
export type QuotaMode = (typeof quotaModes)[number]

/** How often a field may be asked for within a window that begins with its first call. */
export interface FieldLimit {
  readonly coordinate: string
  readonly calls: number
  readonly windowSeconds: number
}

/** What one app on a plan may use; null is unlimited. */
export interface PlanLimits {
  readonly bucketSize: number
  readonly restoreRate: number
  readonly maxQueryCost: number
  readonly dailyCalls: number | null
  readonly monthlyCalls: number | null
  readonly quotaMode: QuotaMode
  readonly endUserBucketSize: number | null
  readonly endUserRestoreRate: number | null
  readonly openStreams: number | null
  readonly concurrentRequests: number | null
  readonly fieldLimits: readonly FieldLimit[]
  readonly readOnly: boolean
  readonly trustedDocumentsOnly: boolean
}

/** Every limit that a plan need not have, left away. */
export const withoutLimits = {
  dailyCalls: null,
  monthlyCalls: null,
  quotaMode: 'HARD',
  endUserBucketSize: null,
  endUserRestoreRate: null,
  openStreams: null,
  concurrentRequests: null,
  fieldLimits: [],
  trustedDocumentsOnly: false,
} as const satisfies Partial<PlanLimits>

/** Limits as they are stored, in full: those from before a limit was thought of do not have it. */
export function completeLimits(limits: PlanLimits): PlanLimits {
  return { ...withoutLimits, ...limits }
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
