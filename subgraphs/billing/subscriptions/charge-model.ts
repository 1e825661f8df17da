import type { ClientSession, Connection } from 'mongoose'
import { bindModel, moneySchema } from '../../../storage/documents.ts'
import { revenueShareSchema } from '../plans/plan-model.ts'
import { moment, optionalText, text } from '../schema-fields.ts'
import { type Charge, chargeKinds } from './charge.ts'

/** What plans cost, before it is on an invoice. */
export function createCharges(connection: Connection) {
  const model = bindModel<Charge>(connection, 'Charge', {
    collection: 'billing_charges',
    fields: {
      organizationId: text,
      appId: text,
      planId: text,
      kind: { ...text, enum: chargeKinds },
      period: text,
      description: text,
      amount: { type: moneySchema, required: true },
      revenueShare: { type: revenueShareSchema, default: null },
      chargedAt: moment,
      invoiceId: optionalText,
    },
    indexes: [[{ organizationId: 1, period: 1, invoiceId: 1 }], [{ invoiceId: 1 }]],
  })
  return {
    model,
    async insert(charge: Charge, session: ClientSession): Promise<void> {
      await model.insertOne(charge, { session })
    },
    findOpen: (organizationId: string, period: string, session: ClientSession): Promise<Charge[]> =>
      model
        .find({ organizationId, period, invoiceId: null }, null, { session })
        .sort({ chargedAt: 1, _id: 1 })
        .lean<Charge[]>(),
    /** Puts charges on an invoice; answers how many were not on one before. */
    async putOnInvoice(ids: readonly string[], invoiceId: string, session: ClientSession): Promise<number> {
      const { modifiedCount } = await model.updateMany(
        { _id: { $in: [...ids] }, invoiceId: null },
        { $set: { invoiceId } },
        { session },
      )
      return modifiedCount
    },
  }
}
