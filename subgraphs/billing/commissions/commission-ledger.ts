import { type NewLedgerTransaction, transfer } from '../ledger/ledger-transaction.ts'
import type { Commission } from './commission.ts'

/** The movement of an accrual: the platform owes the partner. */
export function commissionAccrued({ _id, organizationId, amount, accruedAt }: Commission): NewLedgerTransaction {
  return {
    key: `commission.accrued:${_id}`,
    type: 'COMMISSION_ACCRUED',
    organizationId,
    reference: _id,
    occurredAt: accruedAt,
    entries: transfer('COMMISSION_EXPENSE', 'PARTNER_PAYABLE', amount),
  }
}

/** The movement of a reversal; of one that was paid already the partner owes it back. */
export function commissionReversed({ _id, organizationId, amount }: Commission, at: Date): NewLedgerTransaction {
  return {
    key: `commission.reversed:${_id}`,
    type: 'COMMISSION_REVERSED',
    organizationId,
    reference: _id,
    occurredAt: at,
    entries: transfer('PARTNER_PAYABLE', 'COMMISSION_EXPENSE', amount),
  }
}
