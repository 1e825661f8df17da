import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import type { OrganizationCopy } from '../organizations/organization-copy-model.ts'
import { type Access, accessBy, granteeKeysOf } from './access.ts'
import { type Entitlement, type EntitlementAction, type EntitlementState, entitlementActions } from './entitlement.ts'

/** Which entitlements a list shows; null means any. */
export interface EntitlementFilter {
  readonly grantee: string | null
  readonly goods: string | null
  readonly action: EntitlementAction | null
  readonly state: EntitlementState | null
}

/** So many entitlements of one grantee are in force at most, so that finding out what somebody may do stays cheap. */
export const mostPerGrantee = 1_000

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const

/** Who may do what with which goods. Only the operator reads them; what they add up to is everybody's `Access`. */
export function createEntitlements(connection: MongoConnection) {
  const model = bindModel<Entitlement>(connection, 'Entitlement', {
    collection: 'catalog_entitlements',
    fields: {
      organizationId: optionalText,
      tierId: optionalText,
      territory: optionalText,
      productId: optionalText,
      family: optionalText,
      action: { ...text, enum: [...entitlementActions] },
      grantee: text,
      goods: text,
      state: { ...text, enum: ['GRANTED', 'REVOKED'] },
      createdAt: { type: Date, required: true },
      revokedAt: { type: Date, default: null },
      version: { type: Number, required: true },
    },
    indexes: [
      // One entitlement in force says the same only once, whatever is granted at the same time.
      [
        { grantee: 1, goods: 1, action: 1 },
        { unique: true, partialFilterExpression: { state: 'GRANTED' } },
      ],
      [{ grantee: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ goods: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ state: 1, createdAt: -1, _id: -1 }],
      [{ state: 1, action: 1, createdAt: -1, _id: -1 }],
    ],
  })
  return {
    model,
    /** What an organization may do with which goods, as its own, its tier's and its territories' entitlements say. */
    async accessOfOrganization(organization: OrganizationCopy | null): Promise<Access> {
      const grantees = granteeKeysOf(organization)
      if (grantees.length === 0) return accessBy([])
      return accessBy(
        await model
          .find({ grantee: { $in: grantees }, state: 'GRANTED' }, { action: 1, family: 1, productId: 1, _id: 0 })
          .lean<Pick<Entitlement, 'action' | 'family' | 'productId'>[]>(),
      )
    },
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Entitlement[]> =>
      caller.operator ? findByIds(model, 'Entitlement', ids) : Promise.resolve([]),
    readPage(
      args: ConnectionArgs,
      { grantee, goods, action, state }: EntitlementFilter,
    ): Promise<Connection<Entitlement>> {
      const filter: Readonly<Record<string, unknown>> = {
        ...(grantee === null ? {} : { grantee }),
        ...(goods === null ? {} : { goods }),
        ...(action === null ? {} : { action }),
        state: state ?? { $in: ['GRANTED', 'REVOKED'] },
      }
      return readConnection<Entitlement>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...filter, ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<Entitlement[]>(),
        count: () => model.countDocuments(filter),
      })
    },
    byId: (session: ClientSession, id: string): Promise<Entitlement | null> =>
      model.findById(id, null, { session }).lean<Entitlement | null>(),
    /** How many are in force of one grantee. */
    countInForce: async (session: ClientSession, grantee: string): Promise<number> => {
      const found = await model
        .find({ grantee, state: 'GRANTED' }, { _id: 1 }, { session })
        .limit(mostPerGrantee)
        .lean()
      return found.length
    },
    isGranted: async (session: ClientSession, { grantee, goods, action }: Entitlement): Promise<boolean> =>
      (await model.exists({ grantee, goods, action, state: 'GRANTED' }).session(session)) !== null,
    insert: (session: ClientSession, entitlement: Entitlement) => model.insertMany([entitlement], { session }),
    async revoke(session: ClientSession, entitlement: Entitlement, revokedAt: Date): Promise<Entitlement> {
      const fields = { state: 'REVOKED' as const, revokedAt, version: entitlement.version + 1 }
      await model.updateOne({ _id: entitlement._id, state: 'GRANTED' }, { $set: fields }, { session })
      return { ...entitlement, ...fields }
    },
  }
}
