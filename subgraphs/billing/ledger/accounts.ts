/**
 * The chart of accounts. `normal` is the side on which an account usually stands; entries are signed all the same, a
 * debit above zero and a credit below. Accounts of organizations are shown to them, the others to the operator only.
 */
export const accounts = {
  CASH: { normal: 'DEBIT', ofOrganization: false },
  RECEIVABLE: { normal: 'DEBIT', ofOrganization: true },
  UNBILLED: { normal: 'DEBIT', ofOrganization: true },
  PARTNER_PAYABLE: { normal: 'CREDIT', ofOrganization: true },
  PAYOUTS_IN_TRANSIT: { normal: 'CREDIT', ofOrganization: true },
  PLAN_REVENUE: { normal: 'CREDIT', ofOrganization: false },
  USAGE_REVENUE: { normal: 'CREDIT', ofOrganization: false },
  GOODS_REVENUE: { normal: 'CREDIT', ofOrganization: false },
  COMMISSION_EXPENSE: { normal: 'DEBIT', ofOrganization: false },
  REVENUE_SHARE_EXPENSE: { normal: 'DEBIT', ofOrganization: false },
} as const

export type Account = keyof typeof accounts

export const accountNames = Object.keys(accounts) as Account[]

export const transactionTypes = [
  'PLAN_CHARGE',
  'PRORATION_CHARGE',
  'PRORATION_CREDIT',
  'INVOICE_ISSUED',
  'INVOICE_VOIDED',
  'PAYMENT_RECEIVED',
  'COMMISSION_ACCRUED',
  'COMMISSION_REVERSED',
  'REVENUE_SHARE_ACCRUED',
  'PAYOUT_CREATED',
  'PAYOUT_PAID',
  'PAYOUT_FAILED',
] as const

export type TransactionType = (typeof transactionTypes)[number]
