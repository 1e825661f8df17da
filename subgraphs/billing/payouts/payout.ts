import { decimalPlaces, type Money } from '../../../kit/money.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'

export const payoutStatuses = ['CREATED', 'PAID', 'FAILED'] as const
export type PayoutStatus = (typeof payoutStatuses)[number]

export const payoutStates = createStateMachine<PayoutStatus>('payout', {
  CREATED: ['PAID', 'FAILED'],
  PAID: [],
  FAILED: [],
})

export interface Payout {
  readonly _id: string
  readonly organizationId: string
  readonly status: PayoutStatus
  readonly amount: Money
  readonly createdAt: Date
  readonly settledAt: Date | null
  /** The bank's reference of a paid one, the reason of a failed one. */
  readonly note: string | null
  readonly version: number
}

export const payableKinds = ['COMMISSION', 'REVENUE_SHARE', 'CLAWBACK'] as const

/** What is owed to an organization, or by it where it is below zero, and belongs to one payout at most. */
export interface Payable {
  /** Kind and reference, so that nothing is owed twice. */
  readonly _id: string
  readonly organizationId: string
  readonly kind: (typeof payableKinds)[number]
  /** The commission or revenue share. */
  readonly reference: string
  readonly amount: Money
  readonly addedAt: Date
  readonly payoutId: string | null
}

/** When the payables of an organization in a currency are paid out next. */
export interface PayoutAccount {
  readonly _id: string
  readonly organizationId: string
  readonly currencyCode: string
  readonly nextRunAt: Date
}

/** Less than this is not worth a transfer unless the operator has set another minimum: 50 of the major unit. */
export function usualMinimum(currencyCode: string): number {
  return 50 * 10 ** decimalPlaces(currencyCode)
}
