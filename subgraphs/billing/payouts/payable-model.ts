import type { ClientSession, Connection } from 'mongoose'
import type { Money } from '../../../kit/money.ts'
import { bindModel, moneySchema } from '../../../storage/documents.ts'
import { monthEndAfter } from '../calendar.ts'
import { moment, optionalText, text } from '../schema-fields.ts'
import { type Payable, type PayoutAccount, payableKinds } from './payout.ts'

interface NewPayable {
  readonly kind: 'COMMISSION' | 'REVENUE_SHARE'
  readonly reference: string
  readonly organizationId: string
  readonly amount: Money
  readonly at: Date
}

const accountId = (organizationId: string, currencyCode: string): string => `${organizationId}:${currencyCode}`

/** What waits to be paid out. */
export function createPayables(connection: Connection) {
  const model = bindModel<Payable>(connection, 'Payable', {
    collection: 'billing_payables',
    fields: {
      organizationId: text,
      kind: { ...text, enum: payableKinds },
      reference: text,
      amount: { type: moneySchema, required: true },
      addedAt: moment,
      payoutId: optionalText,
    },
    indexes: [[{ organizationId: 1, 'amount.currencyCode': 1, payoutId: 1 }], [{ payoutId: 1 }]],
  })
  const accounts = bindModel<PayoutAccount>(connection, 'PayoutAccount', {
    collection: 'billing_payout_accounts',
    fields: { organizationId: text, currencyCode: text, nextRunAt: moment },
    indexes: [[{ nextRunAt: 1 }]],
  })
  const insert = async (session: ClientSession, payable: Payable): Promise<void> => {
    await model.insertOne(payable, { session })
    const { organizationId, amount, addedAt } = payable
    const { currencyCode } = amount
    await accounts.updateOne(
      { _id: accountId(organizationId, currencyCode) },
      { $setOnInsert: { organizationId, currencyCode, nextRunAt: monthEndAfter(addedAt) } },
      { session, upsert: true },
    )
  }
  return {
    model,
    accounts,
    async add(session: ClientSession, { kind, reference, organizationId, amount, at }: NewPayable): Promise<void> {
      const _id = `${kind}:${reference}`
      await insert(session, { _id, organizationId, kind, reference, amount, addedAt: at, payoutId: null })
    },
    /** Takes back what was added: unless it waits for its payout still, as a debt that the next one is less by. */
    async takeBack(session: ClientSession, { kind, reference, organizationId, amount, at }: NewPayable): Promise<void> {
      const { deletedCount } = await model.deleteOne({ _id: `${kind}:${reference}`, payoutId: null }, { session })
      if (deletedCount === 1) return
      await insert(session, {
        _id: `CLAWBACK:${reference}`,
        organizationId,
        kind: 'CLAWBACK',
        reference,
        amount: { ...amount, minorUnits: -amount.minorUnits },
        addedAt: at,
        payoutId: null,
      })
    },
    findOpen: (organizationId: string, currencyCode: string, session: ClientSession): Promise<Payable[]> =>
      model
        .find({ organizationId, 'amount.currencyCode': currencyCode, payoutId: null }, null, { session })
        .lean<Payable[]>(),
    /** Gives payables to a payout; answers how many belonged to none before. */
    async putOnPayout(ids: readonly string[], payoutId: string, session: ClientSession): Promise<number> {
      const filter = { _id: { $in: [...ids] }, payoutId: null }
      return (await model.updateMany(filter, { $set: { payoutId } }, { session })).modifiedCount
    },
    ofPayout: (payoutId: string, session: ClientSession): Promise<Payable[]> =>
      model.find({ payoutId }, null, { session }).lean<Payable[]>(),
    /** Lets the payables of a failed payout wait for the next one. */
    async release(payoutId: string, session: ClientSession): Promise<void> {
      await model.updateMany({ payoutId }, { $set: { payoutId: null } }, { session })
    },
    dueAccounts: (now: Date, limit: number): Promise<PayoutAccount[]> =>
      accounts
        .find({ nextRunAt: { $lte: now } })
        .sort({ nextRunAt: 1 })
        .limit(limit)
        .lean<PayoutAccount[]>(),
    /** Moves an account to its next month; false when another run has done so. Serialises payouts of the account. */
    async claim({ _id, nextRunAt }: PayoutAccount, now: Date, session: ClientSession): Promise<boolean> {
      const update = { $set: { nextRunAt: monthEndAfter(now) } }
      return (await accounts.updateOne({ _id, nextRunAt }, update, { session })).modifiedCount === 1
    },
  }
}
