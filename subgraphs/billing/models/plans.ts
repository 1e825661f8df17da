import type { Connection as MongoConnection, QueryFilter } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Money } from '../../../kit/money.ts'
import { bindModel, embeddedSchema, findByIds, moneySchema } from '../../../storage/documents.ts'

export interface PlanLimits {
  readonly bucketSize: number
  readonly restoreRate: number
  readonly maxQueryCost: number
  readonly monthlyCalls: number | null
  readonly readOnly: boolean
}

export interface Plan {
  readonly _id: string
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: 'PUBLIC' | 'BY_REQUEST' | 'HIDDEN'
  readonly isDefault: boolean
  readonly monthlyPrice: Money
  readonly limits: PlanLimits
}

/** A hidden plan is seen by those who are on it, and by the operator. */
const visibleTo = (caller: Caller): QueryFilter<Plan> =>
  caller.operator ? {} : { $or: [{ visibility: { $in: ['PUBLIC', 'BY_REQUEST'] } }, { _id: caller.planId }] }

/** What apps may consume. */
export function createPlans(connection: MongoConnection) {
  const model = bindModel<Plan>(connection, 'Plan', {
    collection: 'billing_plans',
    fields: {
      handle: { type: String, required: true },
      name: { type: String, required: true },
      description: { type: String, required: true },
      visibility: { type: String, required: true, enum: ['PUBLIC', 'BY_REQUEST', 'HIDDEN'] },
      isDefault: { type: Boolean, required: true },
      monthlyPrice: { type: moneySchema, required: true },
      limits: {
        type: embeddedSchema<PlanLimits>({
          bucketSize: { type: Number, required: true, min: 1 },
          restoreRate: { type: Number, required: true, min: 1 },
          maxQueryCost: { type: Number, required: true, min: 1 },
          monthlyCalls: { type: Number, default: null },
          readOnly: { type: Boolean, required: true },
        }),
        required: true,
      },
    },
    indexes: [
      [{ name: 1, _id: 1 }],
      [{ handle: 1 }, { unique: true }],
      [{ isDefault: 1 }, { unique: true, partialFilterExpression: { isDefault: true } }],
    ],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Plan[]> =>
      findByIds(model, 'Plan', ids, visibleTo(caller)),
    /** Plans that a subscription leads to: whoever may read the subscription may read its plan, hidden or not. */
    readSubscribed: (ids: readonly string[]): Promise<Plan[]> => findByIds(model, 'Plan', ids),
    findDefault: (): Promise<Plan | null> => model.findOne({ isDefault: true }).lean<Plan>(),
    readPage: (caller: Caller, args: ConnectionArgs): Promise<Connection<Plan>> =>
      readConnection(args, {
        sortField: 'name',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            .find({ $and: [visibleTo(caller), after] })
            .sort({ ...sort })
            .limit(limit)
            .lean<Plan[]>(),
        count: () => model.countDocuments(visibleTo(caller)),
      }),
  }
}
