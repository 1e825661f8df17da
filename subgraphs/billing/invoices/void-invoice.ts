import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { checkVersion, notFound } from '../command.ts'
import { requireText } from '../plans/create-plan.ts'
import { invoiceStates } from './invoice.ts'
import { invoiceEvent } from './invoice-event.ts'
import { invoiceVoided } from './invoice-ledger.ts'

/** Voids an invoice on which nothing was paid; what was booked for it is reversed, and it is not drawn up again. */
export async function voidInvoice(
  { models, events, now }: BillingContext,
  input: { readonly id: string; readonly reason: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  const invoice = await models.invoices.findById(input.id, session)
  if (invoice === null) throw notFound('invoice')
  checkVersion('invoice', invoice.version, input.expectedVersion)
  const illegal = invoiceStates.refusal(invoice.status, 'VOID')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  if (invoice.payments.length > 0) {
    throw refuse('PARTLY_PAID', ['input', 'id'], 'A part was paid already, and only an unpaid invoice can be voided.')
  }
  const voidedAt = now()
  const voidReason = requireText('reason', input.reason, 500)
  const voided = await models.invoices.change(invoice, { status: 'VOID', issueAt: null, voidedAt, voidReason }, session)
  await models.ledger.post(session, invoiceVoided(invoice, voidedAt))
  await events.append(session, invoiceEvent('invoice.voided', voided))
  return invoice._id
}
