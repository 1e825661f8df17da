import type { ClientSession, Connection } from 'mongoose'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel, findByIds, moneySchema } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { moment, optionalMoment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type CommissionRule, type WonDeal, ruleStatuses } from './commission-rule.ts'

/** Commission rules; the operator's own, so no caller narrows what is read. */
export function createCommissionRules(connection: Connection) {
  const model = bindModel<CommissionRule>(connection, 'CommissionRule', {
    collection: 'billing_commission_rules',
    fields: {
      name: text,
      organizationId: optionalText,
      tierId: optionalText,
      family: optionalText,
      rateBasisPoints: { type: Number, default: null },
      fixedAmount: { type: moneySchema, default: null },
      cap: { type: moneySchema, default: null },
      validFrom: moment,
      validUntil: optionalMoment,
      status: { ...text, enum: ruleStatuses },
      version: wholeNumber,
      createdAt: moment,
    },
    indexes: [
      [{ createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ tierId: 1, createdAt: -1, _id: -1 }],
      [{ family: 1, createdAt: -1, _id: -1 }],
      [{ status: 1, organizationId: 1, tierId: 1, family: 1, validFrom: -1 }],
    ],
  })
  const list = createListReader(model, { sortField: 'createdAt', direction: -1 })
  return {
    model,
    readByIds: (ids: readonly string[]): Promise<CommissionRule[]> => findByIds(model, 'CommissionRule', ids),
    findById: (id: string, session: ClientSession): Promise<CommissionRule | null> =>
      model.findOne({ _id: id }, null, { session }).lean<CommissionRule>(),
    /** The rules that could apply to a deal. */
    candidates: ({ organizationId, tierId, family, wonAt }: WonDeal, session: ClientSession) =>
      model
        .find(
          {
            status: { $in: [...ruleStatuses] },
            organizationId: { $in: [organizationId, null] },
            tierId: { $in: [tierId, null] },
            family: { $in: [family, null] },
            validFrom: { $lte: wonAt },
          },
          null,
          { session },
        )
        .lean<CommissionRule[]>(),
    async insert(rule: CommissionRule, session: ClientSession): Promise<void> {
      await model.insertOne(rule, { session })
    },
    change: (rule: CommissionRule, changes: Partial<CommissionRule>, session: ClientSession) =>
      changeVersioned(model, session, rule, changes),
    readPage: (filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) => list(filter, args),
  }
}
