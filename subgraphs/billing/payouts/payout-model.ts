import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds, moneySchema } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { moment, optionalMoment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type Payout, payoutStatuses, usualMinimum } from './payout.ts'

interface PayoutMinimum {
  /** The currency. */
  readonly _id: string
  readonly minorUnits: number
  readonly version: number
}

/** Transfers to partners, and from which amount on one is made. */
export function createPayouts(connection: Connection) {
  const model = bindModel<Payout>(connection, 'Payout', {
    collection: 'billing_payouts',
    fields: {
      organizationId: text,
      status: { ...text, enum: payoutStatuses },
      amount: { type: moneySchema, required: true },
      createdAt: moment,
      settledAt: optionalMoment,
      note: optionalText,
      version: wholeNumber,
    },
    indexes: [
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
    ],
  })
  const minimums = bindModel<PayoutMinimum>(connection, 'PayoutMinimum', {
    collection: 'billing_payout_minimums',
    fields: { minorUnits: wholeNumber, version: wholeNumber },
    indexes: [],
  })
  const list = createListReader(model, { sortField: 'createdAt', direction: -1 })
  return {
    model,
    minimums,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Payout[]> =>
      findByIds(model, 'Payout', ids, ownedBy(caller)),
    findById: (id: string, session: ClientSession): Promise<Payout | null> =>
      model.findOne({ _id: id }, null, { session }).lean<Payout>(),
    async insert(payout: Payout, session: ClientSession): Promise<void> {
      await model.insertOne(payout, { session })
    },
    change: (payout: Payout, changes: Partial<Payout>, session: ClientSession): Promise<Payout> =>
      changeVersioned(model, session, payout, changes),
    /** The least that is paid out in a currency, in minor units. */
    async minimum(currencyCode: string, session: ClientSession): Promise<number> {
      const set = await minimums.findOne({ _id: currencyCode }, null, { session }).lean<PayoutMinimum>()
      return set?.minorUnits ?? usualMinimum(currencyCode)
    },
    async setMinimum(currencyCode: string, minorUnits: number, session: ClientSession): Promise<void> {
      const update = { $set: { minorUnits }, $inc: { version: 1 } }
      await minimums.updateOne({ _id: currencyCode }, update, { session, upsert: true })
    },
    readMinimums: (currencyCodes: readonly string[]): Promise<PayoutMinimum[]> =>
      minimums.find({ _id: { $in: [...currencyCodes] } }).lean<PayoutMinimum[]>(),
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    createPages: (caller: Caller) =>
      createChildConnections<Payout>({
        model,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}
