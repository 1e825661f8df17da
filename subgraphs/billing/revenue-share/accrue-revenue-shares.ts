import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import type { BillingWork } from '../billing-work.ts'
import type { Invoice } from '../invoices/invoice.ts'
import { type RevenueShare, revenueSharesOf } from './revenue-share.ts'
import { revenueShareAccrued } from './revenue-share-ledger.ts'

/** Gives publishers their share of an invoice that was paid in full: before that there is nothing to share. */
export async function accrueRevenueShares(work: BillingWork, session: ClientSession, invoice: Invoice): Promise<void> {
  const { models, events, now } = work
  const accruedAt = now()
  const shares: RevenueShare[] = revenueSharesOf(invoice.lines).map(({ terms, gross, amount }) => ({
    _id: createId('RevenueShare'),
    organizationId: terms.organizationId,
    invoiceId: invoice._id,
    period: invoice.period,
    gross,
    shareBasisPoints: terms.basisPoints,
    amount,
    accruedAt,
  }))
  if (shares.length === 0) return
  await models.revenueShares.insert(shares, session)
  for (const share of shares) {
    const { _id: reference, organizationId, amount } = share
    await models.ledger.post(session, revenueShareAccrued(share))
    await models.payables.add(session, { kind: 'REVENUE_SHARE', reference, organizationId, amount, at: accruedAt })
  }
  await events.append(
    session,
    ...shares.map(({ _id, organizationId, amount }) => ({
      type: 'revenue_share.accrued',
      subject: _id,
      audience: [organizationId],
      data: { organizationId, amountMinorUnits: amount.minorUnits, currencyCode: amount.currencyCode },
    })),
  )
}
