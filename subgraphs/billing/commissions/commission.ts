import type { Money } from '../../../kit/money.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'

export const commissionStatuses = ['ACCRUED', 'APPROVED', 'PAID', 'REVERSED'] as const
export type CommissionStatus = (typeof commissionStatuses)[number]

export const commissionStates = createStateMachine<CommissionStatus>('commission', {
  ACCRUED: ['APPROVED', 'REVERSED'],
  APPROVED: ['PAID', 'REVERSED'],
  PAID: ['REVERSED'],
  REVERSED: [],
})

export interface Commission {
  readonly _id: string
  readonly organizationId: string
  readonly dealId: string
  readonly status: CommissionStatus
  /** False once reversed: of a deal one commission is live, which a unique index sees to. */
  readonly live: boolean
  readonly ruleId: string
  /** Null where the rule gave a fixed amount. */
  readonly rateBasisPoints: number | null
  readonly dealValue: Money
  readonly amount: Money
  readonly accruedAt: Date
  readonly approvedAt: Date | null
  readonly paidAt: Date | null
  readonly reversedAt: Date | null
  /** The events that caused it and took it back: each has one effect, however often it is handled. */
  readonly accruedBy: string
  readonly reversedBy?: string
  readonly version: number
}
