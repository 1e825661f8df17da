import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import type { MoneyInput } from '../money/parse-money.ts'
import { requireText } from '../plans/create-plan.ts'
import { checkMoney } from '../plans/plan-input.ts'
import { accrueRevenueShares } from '../revenue-share/accrue-revenue-shares.ts'
import { type Invoice, type Payment, amountDue, invoiceStates } from './invoice.ts'
import { invoiceEvent } from './invoice-event.ts'
import { paymentReceived } from './invoice-ledger.ts'

const mostPayments = 100
const dayMs = 24 * 60 * 60 * 1000

export interface RecordPaymentInput {
  readonly invoiceId: string
  readonly amount: MoneyInput
  readonly reference: string
  readonly receivedAt?: Date | null
  readonly expectedVersion?: number | null
}

/** Records money that came in for an invoice, in part or in full; in full it is paid. */
export async function recordPayment(
  context: BillingContext,
  input: RecordPaymentInput,
  session: ClientSession,
): Promise<string> {
  const { models, events, now } = context
  const invoice = await models.invoices.findById(input.invoiceId, session)
  if (invoice === null) throw notFound('invoice', 'invoiceId')
  checkVersion('invoice', invoice.version, input.expectedVersion)
  const illegal = invoiceStates.refusal(invoice.status, 'PAID')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'invoiceId'], illegal)
  const amount = checkMoney('amount', input.amount)
  const due = amountDue(invoice)
  if (amount.currencyCode !== due.currencyCode) {
    const message = `The invoice is in ${due.currencyCode}; record what was received in that currency.`
    throw refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currencyCode'], message)
  }
  if (amount.minorUnits < 1 || amount.minorUnits > due.minorUnits) {
    throw refuse('INVALID_AMOUNT', ['input', 'amount'], 'A payment is more than 0 and at most what is still owed.')
  }
  const isLast = amount.minorUnits === due.minorUnits
  if (!isLast && invoice.payments.length >= mostPayments - 1) {
    throw refuse('TOO_MANY_PAYMENTS', ['input', 'amount'], 'The next payment of this invoice has to be the last one.')
  }
  const payment: Payment = {
    amount,
    reference: requireText('reference', input.reference, 200),
    receivedAt: checkReceived(invoice, input.receivedAt, now()),
  }
  const paid = { ...invoice.paid, minorUnits: invoice.paid.minorUnits + amount.minorUnits }
  const payments = [...invoice.payments, payment]
  const changed = await models.invoices.change(
    invoice,
    { payments, paid, ...(isLast ? { status: 'PAID' as const, paidAt: payment.receivedAt } : {}) },
    session,
  )
  await models.ledger.post(session, paymentReceived(invoice, payment, payments.length))
  if (isLast) {
    await events.append(session, invoiceEvent('invoice.paid', changed))
    await accrueRevenueShares(context, session, changed)
  }
  return invoice._id
}

function checkReceived({ issuedAt }: Invoice, receivedAt: Date | null | undefined, now: Date): Date {
  if (!receivedAt) return now
  // A bank tells the day, not the hour, and not always in UTC.
  const earliest = new Date((issuedAt ?? now).getTime() - dayMs)
  if (receivedAt <= now && receivedAt >= earliest) return receivedAt
  const message = 'A payment has come in by now, and not before its invoice was issued; check the date.'
  throw refuse('INVALID_DATE', ['input', 'receivedAt'], message)
}
