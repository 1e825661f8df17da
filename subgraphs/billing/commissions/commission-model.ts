import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds, moneySchema } from '../../../storage/documents.ts'
import { changeVersioned } from '../change-versioned.ts'
import { createListReader } from '../list-reader.ts'
import { flag, moment, optionalMoment, text, wholeNumber } from '../schema-fields.ts'
import { type Commission, commissionStatuses } from './commission.ts'

/** How far in the log a deal was followed. */
interface DealPlace {
  readonly _id: string
  readonly position: number
}

/** What organizations earn for deals, at most one live commission a deal. */
export function createCommissions(connection: Connection) {
  const model = bindModel<Commission>(connection, 'Commission', {
    collection: 'billing_commissions',
    fields: {
      organizationId: text,
      dealId: text,
      status: { ...text, enum: commissionStatuses },
      live: flag,
      ruleId: text,
      rateBasisPoints: { type: Number, default: null },
      dealValue: { type: moneySchema, required: true },
      amount: { type: moneySchema, required: true },
      accruedAt: moment,
      approvedAt: optionalMoment,
      paidAt: optionalMoment,
      reversedAt: optionalMoment,
      accruedBy: text,
      reversedBy: { type: String },
      version: wholeNumber,
    },
    indexes: [
      [{ dealId: 1 }, { unique: true, partialFilterExpression: { live: true } }],
      [{ dealId: 1, accruedAt: -1 }],
      [{ accruedBy: 1 }, { unique: true }],
      [{ reversedBy: 1 }, { unique: true, partialFilterExpression: { reversedBy: { $exists: true } } }],
      [{ organizationId: 1, accruedAt: -1, _id: -1 }],
      [{ organizationId: 1, status: 1, accruedAt: -1, _id: -1 }],
      [{ accruedAt: -1, _id: -1 }],
      [{ status: 1, accruedAt: -1, _id: -1 }],
    ],
  })
  const places = bindModel<DealPlace>(connection, 'CommissionDealPlace', {
    collection: 'billing_commission_deals',
    fields: { position: wholeNumber },
    indexes: [],
  })
  const list = createListReader(model, { sortField: 'accruedAt', direction: -1 })
  return {
    model,
    places,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Commission[]> =>
      findByIds(model, 'Commission', ids, ownedBy(caller)),
    readByDeals: (caller: Caller, dealIds: readonly string[]): Promise<Commission[]> =>
      model.find({ dealId: { $in: [...dealIds] }, live: true, ...ownedBy(caller) }).lean<Commission[]>(),
    findById: (id: string, session: ClientSession): Promise<Commission | null> =>
      model.findOne({ _id: id }, null, { session }).lean<Commission>(),
    findLive: (dealId: string, session: ClientSession): Promise<Commission | null> =>
      model.findOne({ dealId, live: true }, null, { session }).lean<Commission>(),
    /** Claims the effect of a deal's event: false when it, or one after it in the log, has had its own. */
    async claimEvent(dealId: string, position: number, session: ClientSession): Promise<boolean> {
      const place = await places.findOne({ _id: dealId }, null, { session }).lean<DealPlace>()
      if (place !== null && place.position >= position) return false
      await places.updateOne({ _id: dealId }, { $set: { position } }, { session, upsert: true })
      return true
    },
    async insert(commission: Commission, session: ClientSession): Promise<void> {
      await model.insertOne(commission, { session })
    },
    change: (commission: Commission, changes: Partial<Commission>, session: ClientSession): Promise<Commission> =>
      changeVersioned(model, session, commission, changes),
    /** Marks commissions as paid; one that was reversed meanwhile stays so. Answers those that are paid now. */
    async pay(ids: readonly string[], paidAt: Date, session: ClientSession): Promise<Commission[]> {
      const own = { _id: { $in: [...ids] } }
      await model.updateMany(
        { ...own, status: 'APPROVED' },
        { $set: { status: 'PAID', paidAt }, $inc: { version: 1 } },
        { session },
      )
      return model.find({ ...own, status: 'PAID' }, null, { session }).lean<Commission[]>()
    },
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    /** Pages of commissions by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<Commission>({
        model,
        parentField: 'organizationId',
        sortField: 'accruedAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}
