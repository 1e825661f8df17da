import type { Money } from '../../../kit/money.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import type { PricingRule } from '../plans/pricing-rule.ts'

export const subscriptionStatuses = ['TRIALING', 'ACTIVE', 'ENDED'] as const
export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

export const subscriptionStates = createStateMachine<SubscriptionStatus>('subscription', {
  TRIALING: ['ACTIVE', 'ENDED'],
  ACTIVE: ['TRIALING', 'ENDED'],
  ENDED: [],
})

/** That an app is on a plan. */
export interface PlanSubscription {
  readonly _id: string
  readonly appId: string
  readonly appName: string
  readonly organizationId: string
  readonly planId: string
  readonly status: SubscriptionStatus
  /** The monthly price that this month is charged at, whatever the plan's price is by now. */
  readonly price: Money
  readonly startedAt: Date
  readonly trialEndsAt: Date | null
  /** Plans that the app has tried: a trial is given once. */
  readonly triedPlanIds: readonly string[]
  /** When something falls due next: the end of the month or of the trial. Null once it has ended. */
  readonly renewsAt: Date | null
  /** The plan that takes this one's place at the end of the month. */
  readonly pendingPlanId: string | null
  readonly version: number
}

/** A month of a subscription that is over: what its usage is to be priced by. Written once. */
export interface SubscriptionMonth {
  readonly _id: string
  readonly subscriptionId: string
  readonly organizationId: string
  readonly appId: string
  readonly appName: string
  readonly period: string
  readonly planId: string
  readonly planName: string
  readonly currencyCode: string
  /** The plan's rules as they were when the month ended; none for a month that ended within a trial. */
  readonly pricing: readonly PricingRule[]
  /** True until the invoice run has dealt with it. */
  readonly open: boolean
  /** When the invoice run may: late usage has had its time by then. */
  readonly dueAt: Date
}
