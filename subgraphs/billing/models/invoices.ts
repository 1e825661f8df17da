import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { Money } from '../../../kit/money.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, embeddedSchema, moneySchema } from '../../../storage/documents.ts'

export type InvoiceStatus = 'DRAFT' | 'OPEN' | 'PAID' | 'VOID'

export interface InvoiceLine {
  readonly description: string
  readonly quantity: number
  readonly unitPrice: Money
  readonly amount: Money
}

export interface Invoice {
  readonly _id: string
  readonly organizationId: string
  /** Absent from drafts, so that the unique index does not see them. */
  readonly number?: string
  readonly status: InvoiceStatus
  readonly createdAt: Date
  readonly issuedAt: Date | null
  readonly dueAt: Date | null
  readonly total: Money
  readonly lines: readonly InvoiceLine[]
}

/** What organizations owe. */
export function createInvoices(connection: Connection) {
  const model = bindModel<Invoice>(connection, 'Invoice', {
    collection: 'billing_invoices',
    fields: {
      organizationId: { type: String, required: true },
      number: { type: String },
      status: { type: String, required: true, enum: ['DRAFT', 'OPEN', 'PAID', 'VOID'] },
      createdAt: { type: Date, required: true },
      issuedAt: { type: Date, default: null },
      dueAt: { type: Date, default: null },
      total: { type: moneySchema, required: true },
      lines: {
        type: [
          embeddedSchema<InvoiceLine>({
            description: { type: String, required: true },
            quantity: { type: Number, required: true },
            unitPrice: { type: moneySchema, required: true },
            amount: { type: moneySchema, required: true },
          }),
        ],
        required: true,
      },
    },
    indexes: [
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, createdAt: -1, _id: -1 }],
      [{ number: 1 }, { unique: true, partialFilterExpression: { number: { $exists: true } } }],
    ],
  })
  return {
    model,
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
