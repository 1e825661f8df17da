import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'
import { type StoredValue, storedValues } from '../extra-fields/stored-values.ts'

export const memberRoles = ['ADMIN', 'DEVELOPER', 'SALES', 'FINANCE'] as const
export type MemberRole = (typeof memberRoles)[number]
export type MemberStatus = 'ACTIVE' | 'DEACTIVATED'

export interface Member {
  readonly _id: string
  readonly organizationId: string
  readonly name: string
  /** In lower case; of the active members of an organization no two have the same. */
  readonly email: string
  readonly role: MemberRole
  readonly status: MemberStatus
  readonly extraFields: readonly StoredValue[]
  readonly words: readonly string[]
  readonly createdAt: Date
  readonly version: number
}

export interface MemberFilter {
  readonly organizationId?: string | null
  readonly status?: MemberStatus | null
  readonly role?: MemberRole | null
  readonly search?: string | null
}

const text = { type: String, required: true } as const

/** The people of organizations. */
export function createMembers(connection: Connection) {
  const model = bindModel<Member>(connection, 'Member', {
    collection: 'partner_members',
    fields: {
      organizationId: text,
      name: text,
      email: text,
      role: { ...text, enum: memberRoles },
      status: { ...text, enum: ['ACTIVE', 'DEACTIVATED'] },
      extraFields: storedValues,
      words: { type: [String], required: true },
      createdAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [
        { organizationId: 1, email: 1 },
        { unique: true, partialFilterExpression: { status: 'ACTIVE' } },
      ],
      [{ email: 1 }],
      [{ organizationId: 1, name: 1, _id: 1 }],
      [{ organizationId: 1, words: 1 }],
      [{ name: 1, _id: 1 }],
      [{ status: 1, name: 1, _id: 1 }],
      [{ role: 1, name: 1, _id: 1 }],
      [{ words: 1 }],
    ],
  })
  const documents = createDocuments(model, 'Member')
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & MemberFilter) =>
      documents.page(caller, args, {
        filter: memberCondition(args),
        search: args.search,
        sortField: 'name',
        direction: 1,
      }),
    countAdmins: (session: ClientSession, organizationId: string): Promise<number> =>
      model.countDocuments({ organizationId, status: 'ACTIVE', role: 'ADMIN' }, { session }),
    isActiveAddress: async (session: ClientSession, organizationId: string, email: string): Promise<boolean> =>
      (await model.findOne({ organizationId, email, status: 'ACTIVE' }, { _id: 1 }, { session }).lean()) !== null,
    /** The active members with an address, of whatever organization; few, because mails to them are. */
    activeOfAddress: (email: string, session: ClientSession | null = null): Promise<Member[]> =>
      model.find({ email, status: 'ACTIVE' }, null, { session }).limit(20).lean<Member[]>(),
    activeAdmins: (session: ClientSession, organizationId: string): Promise<Member[]> =>
      model
        .find({ organizationId, status: 'ACTIVE', role: 'ADMIN' }, null, { session, sort: { name: 1, _id: 1 } })
        .limit(10)
        .lean<Member[]>(),
    countActive: (session: ClientSession, ids: readonly string[]): Promise<number> =>
      model.countDocuments({ _id: { $in: [...ids] }, status: 'ACTIVE' }, { session }),
    /** Pages of members by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<Member>({
        model,
        parentField: 'organizationId',
        sortField: 'name',
        direction: 1,
        filter: ownedBy(caller),
      }),
  }
}

/** The condition of a filter. */
export function memberCondition({ organizationId, status, role }: MemberFilter) {
  return given({ organizationId, status, role })
}
