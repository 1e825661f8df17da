import { commissionAccrued } from './commissions/commission-ledger.ts'
import type { Commission } from './commissions/commission.ts'
import type { Invoice } from './invoices/invoice.ts'
import { invoiceIssued, invoiceVoided, paymentReceived } from './invoices/invoice-ledger.ts'
import { type NewLedgerTransaction, transfer } from './ledger/ledger-transaction.ts'
import { payoutMoved } from './payouts/payout-ledger.ts'
import type { Payout } from './payouts/payout.ts'
import type { RevenueShare } from './revenue-share/revenue-share.ts'
import { revenueShareAccrued } from './revenue-share/revenue-share-ledger.ts'

/** The movements behind the demo's documents, as the mutations would have recorded them. */
export function demoMovements(documents: {
  readonly invoices: readonly Invoice[]
  readonly commissions: readonly Commission[]
  readonly revenueShares: readonly RevenueShare[]
  readonly payouts: readonly Payout[]
}): NewLedgerTransaction[] {
  return [
    ...documents.invoices.flatMap(movementsOf),
    ...documents.commissions.map(commissionAccrued),
    ...documents.revenueShares.map(revenueShareAccrued),
    ...documents.payouts.flatMap((payout) => [
      payoutMoved({ ...payout, status: 'CREATED' }, payout.createdAt),
      ...(payout.settledAt === null ? [] : [payoutMoved(payout, payout.settledAt)]),
    ]),
  ]
}

function movementsOf(invoice: Invoice): NewLedgerTransaction[] {
  const { _id, organizationId, createdAt, issuedAt, voidedAt, lines, payments } = invoice
  const charges = lines.filter(({ kind }) => kind === 'PLAN_FEE')
  const charged: NewLedgerTransaction = {
    key: `charge:${_id}`,
    type: 'PLAN_CHARGE',
    organizationId,
    reference: _id,
    occurredAt: createdAt,
    entries: charges.flatMap(({ amount }) => transfer('UNBILLED', 'PLAN_REVENUE', amount)),
  }
  return [
    charged,
    ...(issuedAt === null ? [] : [invoiceIssued(invoice, issuedAt)]),
    ...payments.map((payment, index) => paymentReceived(invoice, payment, index + 1)),
    // It was open until then.
    ...(voidedAt === null ? [] : [invoiceVoided({ ...invoice, status: 'OPEN' }, voidedAt)]),
  ]
}
