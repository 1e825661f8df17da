import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { Money } from '../../../kit/money.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds, moneySchema } from '../../../storage/documents.ts'

export interface Commission {
  readonly _id: string
  readonly organizationId: string
  readonly dealId: string
  readonly status: 'ACCRUED' | 'PAID'
  readonly rateBasisPoints: number
  readonly amount: Money
  readonly accruedAt: Date
  readonly paidAt: Date | null
}

/** What organizations earn for deals, at most one commission a deal. */
export function createCommissions(connection: Connection) {
  const model = bindModel<Commission>(connection, 'Commission', {
    collection: 'billing_commissions',
    fields: {
      organizationId: { type: String, required: true },
      dealId: { type: String, required: true },
      status: { type: String, required: true, enum: ['ACCRUED', 'PAID'] },
      rateBasisPoints: { type: Number, required: true },
      amount: { type: moneySchema, required: true },
      accruedAt: { type: Date, required: true },
      paidAt: { type: Date, default: null },
    },
    indexes: [[{ organizationId: 1, accruedAt: -1, _id: -1 }], [{ dealId: 1 }, { unique: true }]],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Commission[]> =>
      findByIds(model, 'Commission', ids, ownedBy(caller)),
    readByDeals: (caller: Caller, dealIds: readonly string[]): Promise<Commission[]> =>
      model.find({ dealId: { $in: [...dealIds] }, ...ownedBy(caller) }).lean<Commission[]>(),
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
