import type { ClientSession } from 'mongoose'
import type { Timer } from '../../../kit/background.ts'
import { refuse } from '../../../storage/mutate.ts'
import { searchWords } from '../../../storage/search.ts'
import type { BillingContext } from '../billing-context.ts'
import type { BillingWork } from '../billing-work.ts'
import { checkVersion, notFound } from '../command.ts'
import { forEachDue } from '../for-each-due.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { inTransaction } from '../transaction.ts'
import { type Invoice, invoiceStates, paymentTermDays } from './invoice.ts'
import { invoiceEvent } from './invoice-event.ts'
import { invoiceIssued } from './invoice-ledger.ts'

const draftsPerBatch = 100
const dayMs = 24 * 60 * 60 * 1000

/** What numbers are taken from: calls of this process queue for it instead of conflicting. */
export const invoiceNumbers = 'invoice-numbers'

/** Issues drafts whose time for review is over. */
export const issueDueInvoices: Timer<BillingModels> = {
  name: 'invoice-issue',
  async run(context) {
    const now = context.now()
    const ids = await context.models.invoices.draftsToIssue(now, draftsPerBatch)
    // One at a time: they all want the next number.
    return forEachDue(ids, 1, (id) =>
      inTransaction(context.connection, async (session) => {
        const invoice = await context.models.invoices.findById(id, session)
        if (invoice?.status === 'DRAFT') await issue(context, session, invoice)
      }),
    )
  },
}

/** Issues a draft before its time for review is over. */
export async function issueInvoice(
  context: BillingContext,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  session: ClientSession,
): Promise<string> {
  const invoice = await context.models.invoices.findById(input.id, session)
  if (invoice === null) throw notFound('invoice')
  checkVersion('invoice', invoice.version, input.expectedVersion)
  const illegal = invoiceStates.refusal(invoice.status, 'OPEN')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  await issue(context, session, invoice)
  return invoice._id
}

/** Gives an invoice its number; it is owed from now on, and one that comes to nothing is paid at once. */
async function issue(work: BillingWork, session: ClientSession, invoice: Invoice): Promise<void> {
  const { models, events, now } = work
  const issuedAt = now()
  const running = await models.invoices.nextNumber(session)
  const number = `INV-${issuedAt.getUTCFullYear()}-${String(running).padStart(6, '0')}`
  const nothingOwed = invoice.total.minorUnits === 0
  const issued = await models.invoices.change(
    invoice,
    {
      number,
      status: nothingOwed ? 'PAID' : 'OPEN',
      issuedAt,
      issueAt: null,
      dueAt: new Date(issuedAt.getTime() + paymentTermDays * dayMs),
      paidAt: nothingOwed ? issuedAt : null,
      words: searchWords(number, invoice.period),
    },
    session,
  )
  await models.ledger.post(session, invoiceIssued(invoice, issuedAt))
  await events.append(session, invoiceEvent('invoice.issued', issued))
  if (nothingOwed) await events.append(session, invoiceEvent('invoice.paid', issued))
}
