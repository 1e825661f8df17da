import type { Money } from '../../../kit/money.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import type { RevenueShareTerms } from '../plans/pricing-rule.ts'

export const invoiceStatuses = ['DRAFT', 'OPEN', 'PAID', 'VOID'] as const
export type InvoiceStatus = (typeof invoiceStatuses)[number]

export const invoiceStates = createStateMachine<InvoiceStatus>('invoice', {
  DRAFT: ['OPEN', 'VOID'],
  OPEN: ['PAID', 'VOID'],
  PAID: [],
  VOID: [],
})

export const lineKinds = ['PLAN_FEE', 'PRORATION_CHARGE', 'PRORATION_CREDIT', 'USAGE', 'GOODS'] as const
export type LineKind = (typeof lineKinds)[number]

export interface InvoiceLine {
  readonly kind: LineKind
  readonly description: string
  readonly quantity: number
  readonly unitPrice: Money
  /** How many the unit price is for. */
  readonly unitsPerPrice: number
  readonly amount: Money
  readonly revenueShare: RevenueShareTerms | null
}

export interface Payment {
  readonly amount: Money
  readonly reference: string
  readonly receivedAt: Date
}

export interface Invoice {
  readonly _id: string
  readonly organizationId: string
  /** The month that it is for; null for invoices that were not drawn up by the invoice run. */
  readonly period: string | null
  /** Organization, month, currency and a running number: the invoice run cannot make the same invoice twice. */
  readonly runKey?: string
  /** Absent from drafts, so that the unique index does not see them. */
  readonly number?: string
  readonly status: InvoiceStatus
  readonly createdAt: Date
  /** When a draft is issued by itself; null for one that waits for the operator. */
  readonly issueAt: Date | null
  readonly issuedAt: Date | null
  readonly dueAt: Date | null
  readonly paidAt: Date | null
  readonly voidedAt: Date | null
  readonly voidReason: string | null
  readonly total: Money
  /** What was paid so far. */
  readonly paid: Money
  readonly payments: readonly Payment[]
  readonly lines: readonly InvoiceLine[]
  readonly words: readonly string[]
  readonly version: number
}

export const paymentTermDays = 30

/** What is still owed. */
export function amountDue({ status, total, paid }: Invoice): Money {
  const owed = status === 'OPEN' ? total.minorUnits - paid.minorUnits : 0
  return { ...total, minorUnits: owed }
}
