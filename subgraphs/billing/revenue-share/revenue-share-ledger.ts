import { type NewLedgerTransaction, transfer } from '../ledger/ledger-transaction.ts'
import type { RevenueShare } from './revenue-share.ts'

/** The movement of a share: the platform owes it to the publisher. */
export function revenueShareAccrued({ _id, organizationId, amount, accruedAt }: RevenueShare): NewLedgerTransaction {
  return {
    key: `revenue_share.accrued:${_id}`,
    type: 'REVENUE_SHARE_ACCRUED',
    organizationId,
    reference: _id,
    occurredAt: accruedAt,
    entries: transfer('REVENUE_SHARE_EXPENSE', 'PARTNER_PAYABLE', amount),
  }
}
