import type { Account } from '../ledger/accounts.ts'
import { type NewLedgerTransaction, transfer } from '../ledger/ledger-transaction.ts'
import type { Payout, PayoutStatus } from './payout.ts'

const movements = {
  CREATED: { type: 'PAYOUT_CREATED', debit: 'PARTNER_PAYABLE', credit: 'PAYOUTS_IN_TRANSIT' },
  PAID: { type: 'PAYOUT_PAID', debit: 'PAYOUTS_IN_TRANSIT', credit: 'CASH' },
  FAILED: { type: 'PAYOUT_FAILED', debit: 'PAYOUTS_IN_TRANSIT', credit: 'PARTNER_PAYABLE' },
} as const satisfies Record<PayoutStatus, { type: NewLedgerTransaction['type']; debit: Account; credit: Account }>

/** The movement of a payout that came into its status: on its way, arrived, or back among what is owed. */
export function payoutMoved({ _id, organizationId, status, amount }: Payout, at: Date): NewLedgerTransaction {
  const { type, debit, credit } = movements[status]
  return {
    key: `payout.${status.toLowerCase()}:${_id}`,
    type,
    organizationId,
    reference: _id,
    occurredAt: at,
    entries: transfer(debit, credit, amount),
  }
}
