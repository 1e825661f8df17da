import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, findByIds, moneySchema } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { revenueShareSchema } from '../plans/plan-model.ts'
import { moment, optionalMoment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type Invoice, type InvoiceLine, type Payment, invoiceStatuses, lineKinds } from './invoice.ts'

interface Counter {
  readonly _id: string
  readonly last: number
}

const counterId = 'invoice-number'

/** What organizations owe. */
export function createInvoices(connection: Connection) {
  const model = bindModel<Invoice>(connection, 'Invoice', {
    collection: 'billing_invoices',
    fields: {
      organizationId: text,
      period: optionalText,
      runKey: { type: String },
      number: { type: String },
      status: { ...text, enum: invoiceStatuses },
      createdAt: moment,
      issueAt: optionalMoment,
      issuedAt: optionalMoment,
      dueAt: optionalMoment,
      paidAt: optionalMoment,
      voidedAt: optionalMoment,
      voidReason: optionalText,
      total: { type: moneySchema, required: true },
      paid: { type: moneySchema, required: true },
      payments: { type: [paymentSchema], required: true },
      lines: { type: [lineSchema], required: true },
      words: { type: [String], required: true },
      version: wholeNumber,
    },
    indexes: [
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, dueAt: 1 }],
      [{ organizationId: 1, period: 1 }],
      [{ organizationId: 1, words: 1 }],
      [{ createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ status: 1, dueAt: 1 }],
      [{ status: 1, issueAt: 1 }],
      [{ period: 1, createdAt: -1, _id: -1 }],
      [{ words: 1 }],
      [{ number: 1 }, { unique: true, partialFilterExpression: { number: { $exists: true } } }],
      [{ runKey: 1 }, { unique: true, partialFilterExpression: { runKey: { $exists: true } } }],
    ],
  })
  const counters = bindModel<Counter>(connection, 'BillingCounter', {
    collection: 'billing_counters',
    fields: { last: wholeNumber },
    indexes: [],
  })
  const list = createListReader(model, { sortField: 'createdAt', direction: -1 })
  return {
    model,
    counters,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Invoice[]> =>
      findByIds(model, 'Invoice', ids, ownedBy(caller)),
    findById: (id: string, session: ClientSession): Promise<Invoice | null> =>
      model.findOne({ _id: id }, null, { session }).lean<Invoice>(),
    async insert(invoice: Invoice, session: ClientSession): Promise<void> {
      await model.insertOne(invoice, { session })
    },
    change: (invoice: Invoice, changes: Partial<Invoice>, session: ClientSession): Promise<Invoice> =>
      changeVersioned(model, session, invoice, changes),
    /** How many invoices the run has made for an organization and month. */
    countOf: async (organizationId: string, period: string, session: ClientSession): Promise<number> =>
      (await model.find({ organizationId, period }, { _id: 1 }, { session }).lean()).length,
    /** Drafts that are issued by themselves, the longest due first. */
    async draftsToIssue(now: Date, limit: number): Promise<string[]> {
      const due = { status: 'DRAFT', issueAt: { $lte: now } } as const
      return (await model.find(due, { _id: 1 }).sort({ issueAt: 1 }).limit(limit).lean()).map(({ _id }) => _id)
    },
    /**
     * The next number, taken in the transaction that issues: whoever comes second waits or runs again, and what is
     * rolled back gives its number back, so that there are no gaps.
     */
    async nextNumber(session: ClientSession): Promise<number> {
      const counter = await counters
        .findOneAndUpdate({ _id: counterId }, { $inc: { last: 1 } }, { session, upsert: true, returnDocument: 'after' })
        .lean<Counter>()
      return counter?.last ?? 1
    },
    /** For an installation that has invoices of its own: the next number is the one after. */
    async startNumbersAfter(last: number): Promise<void> {
      await counters.updateOne({ _id: counterId }, { $max: { last } }, { upsert: true })
    },
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    /** Pages of invoices by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<Invoice>({
        model,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}

const paymentSchema = embeddedSchema<Payment>({
  amount: { type: moneySchema, required: true },
  reference: text,
  receivedAt: moment,
})
const lineSchema = embeddedSchema<InvoiceLine>({
  kind: { ...text, enum: lineKinds },
  description: text,
  quantity: wholeNumber,
  unitPrice: { type: moneySchema, required: true },
  unitsPerPrice: wholeNumber,
  amount: { type: moneySchema, required: true },
  revenueShare: { type: revenueShareSchema, default: null },
})
