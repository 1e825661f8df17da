import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, moneySchema } from '../../../storage/documents.ts'
import { createListReader } from '../list-reader.ts'
import { moment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import type { RevenueShare } from './revenue-share.ts'

/** What organizations earned of invoices of others. */
export function createRevenueShares(connection: Connection) {
  const model = bindModel<RevenueShare>(connection, 'RevenueShare', {
    collection: 'billing_revenue_shares',
    fields: {
      organizationId: text,
      invoiceId: text,
      period: optionalText,
      gross: { type: moneySchema, required: true },
      shareBasisPoints: wholeNumber,
      amount: { type: moneySchema, required: true },
      accruedAt: moment,
    },
    indexes: [
      [{ invoiceId: 1, organizationId: 1, shareBasisPoints: 1 }, { unique: true }],
      [{ organizationId: 1, accruedAt: -1, _id: -1 }],
      [{ organizationId: 1, period: 1, accruedAt: -1, _id: -1 }],
      [{ accruedAt: -1, _id: -1 }],
      [{ period: 1, accruedAt: -1, _id: -1 }],
    ],
  })
  const list = createListReader(model, { sortField: 'accruedAt', direction: -1 })
  return {
    model,
    async insert(shares: readonly RevenueShare[], session: ClientSession): Promise<void> {
      await model.insertMany([...shares], { session, lean: true })
    },
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    createPages: (caller: Caller) =>
      createChildConnections<RevenueShare>({
        model,
        parentField: 'organizationId',
        sortField: 'accruedAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}
