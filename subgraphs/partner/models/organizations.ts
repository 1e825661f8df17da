import type { Connection as MongoConnection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'

export interface Organization {
  readonly _id: string
  readonly name: string
  readonly type: 'RESELLER' | 'DISTRIBUTOR' | 'ISV' | 'REFERRAL' | 'SI'
  readonly status: 'APPLIED' | 'APPROVED' | 'REJECTED' | 'SUSPENDED' | 'TERMINATED'
  readonly tierId: string | null
  readonly territories: readonly string[]
  readonly country: string
  readonly website: string
  /** True for the platform company itself. */
  readonly operator: boolean
  readonly createdAt: Date
  readonly version: number
}

/** The tenancy filter of organizations themselves, whose owner is their own id. */
const visibleTo = (caller: Caller) => (caller.operator ? {} : { _id: caller.organizationId })

/** Organizations; a partner finds its own only, the operator all. */
export function createOrganizations(connection: MongoConnection) {
  const model = bindModel<Organization>(connection, 'Organization', {
    collection: 'partner_organizations',
    fields: {
      name: { type: String, required: true },
      type: { type: String, required: true },
      status: { type: String, required: true },
      tierId: { type: String, default: null },
      territories: { type: [String], required: true },
      country: { type: String, required: true },
      website: { type: String, required: true },
      operator: { type: Boolean, required: true },
      createdAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [[{ name: 1, _id: 1 }]],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Organization[]> =>
      findByIds(model, 'Organization', ids, visibleTo(caller)),
    readPage: (caller: Caller, args: ConnectionArgs): Promise<Connection<Organization>> =>
      readConnection(args, {
        sortField: 'name',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...visibleTo(caller), ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<Organization[]>(),
        count: () => model.countDocuments(visibleTo(caller)),
      }),
  }
}
