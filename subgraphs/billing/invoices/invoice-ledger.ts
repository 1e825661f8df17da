import type { Account } from '../ledger/accounts.ts'
import type { NewLedgerTransaction } from '../ledger/ledger-transaction.ts'
import type { Invoice, LineKind, Payment } from './invoice.ts'

/** What a line takes from when it is invoiced: plan charges were booked as unbilled when they were made. */
const issuedFrom: Readonly<Record<LineKind, Account>> = {
  PLAN_FEE: 'UNBILLED',
  PRORATION_CHARGE: 'UNBILLED',
  PRORATION_CREDIT: 'UNBILLED',
  USAGE: 'USAGE_REVENUE',
  GOODS: 'GOODS_REVENUE',
}
const revenueOf: Readonly<Record<LineKind, Account>> = {
  ...issuedFrom,
  PLAN_FEE: 'PLAN_REVENUE',
  PRORATION_CHARGE: 'PLAN_REVENUE',
  PRORATION_CREDIT: 'PLAN_REVENUE',
}

/** The movement of an invoice that is issued: it becomes owed. */
export function invoiceIssued(invoice: Invoice, at: Date): NewLedgerTransaction {
  return {
    key: `invoice.issued:${invoice._id}`,
    type: 'INVOICE_ISSUED',
    organizationId: invoice.organizationId,
    reference: invoice._id,
    occurredAt: at,
    entries: [
      { account: 'RECEIVABLE', ...invoice.total },
      ...invoice.lines.map(({ kind, amount }) => credited(issuedFrom[kind], amount)),
    ],
  }
}

/** The movement of an invoice that is voided: its revenue is taken back, of a draft what was booked as unbilled. */
export function invoiceVoided(invoice: Invoice, at: Date): NewLedgerTransaction {
  const lines = invoice.lines.map(({ kind, amount }) => ({ kind, ...amount }))
  const taken = invoice.status === 'DRAFT' ? lines.filter(({ kind }) => issuedFrom[kind] === 'UNBILLED') : lines
  return {
    key: `invoice.voided:${invoice._id}`,
    type: 'INVOICE_VOIDED',
    organizationId: invoice.organizationId,
    reference: invoice._id,
    occurredAt: at,
    entries: taken.flatMap(({ kind, minorUnits, currencyCode }) => [
      { account: revenueOf[kind], minorUnits, currencyCode },
      credited(invoice.status === 'DRAFT' ? 'UNBILLED' : 'RECEIVABLE', { minorUnits, currencyCode }),
    ]),
  }
}

/** The movement of a payment, the n-th of its invoice. */
export function paymentReceived(invoice: Invoice, payment: Payment, n: number): NewLedgerTransaction {
  return {
    key: `payment:${invoice._id}:${n}`,
    type: 'PAYMENT_RECEIVED',
    organizationId: invoice.organizationId,
    reference: invoice._id,
    occurredAt: payment.receivedAt,
    entries: [{ account: 'CASH', ...payment.amount }, credited('RECEIVABLE', payment.amount)],
  }
}

function credited(account: Account, { minorUnits, currencyCode }: { minorUnits: number; currencyCode: string }) {
  return { account, minorUnits: -minorUnits, currencyCode }
}
