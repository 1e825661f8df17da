import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { isShippedPrefix, prefixOf } from '../../../schema/scopes.ts'
import { bindModel } from '../../../storage/documents.ts'
import type { AppEnvironment } from '../apps/apps.ts'
import { createDocuments } from '../documents.ts'
import { type MemberRole, memberRoles } from '../members/members.ts'

/**
 * A scope of a published subgraph, from the moment that it was declared until it is withdrawn or described otherwise.
 * Apps and consents hold it by its id: what the same name stands for later is another one, which nobody holds.
 */
export interface DeclaredScope {
  readonly _id: string
  readonly name: string
  readonly subgraph: string
  readonly description: string
  /** Whose graphs declare it; one that only the sandbox has is for apps of the sandbox. */
  readonly environments: readonly AppEnvironment[]
  /** Offered to every partner whose scopes the operator has not chosen one by one. */
  readonly everyPartner: boolean
  /** Offered to such partners in these tiers. */
  readonly tierIds: readonly string[]
  /** Offered to these, whatever else. */
  readonly organizationIds: readonly string[]
  /** Whose people may hand it out and let an app act by it. */
  readonly roles: readonly MemberRole[]
  readonly declaredAt: Date
  readonly version: number
}

/** To whom a scope is offered that was just declared: to nobody but the platform company. */
export const notOffered = {
  everyPartner: false,
  tierIds: [],
  organizationIds: [],
  roles: ['ADMIN', 'DEVELOPER'],
} as const satisfies Partial<DeclaredScope>

const text = { type: String, required: true } as const
const texts = { type: [String], required: true } as const

/** The scopes that published subgraphs declare now. */
export function createDeclaredScopes(connection: Connection) {
  const model = bindModel<DeclaredScope>(connection, 'DeclaredScope', {
    collection: 'partner_declared_scopes',
    fields: {
      name: text,
      subgraph: text,
      description: text,
      environments: { ...texts, enum: ['LIVE', 'SANDBOX'] },
      everyPartner: { type: Boolean, required: true },
      tierIds: texts,
      organizationIds: texts,
      roles: { ...texts, enum: memberRoles },
      declaredAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [[{ name: 1 }, { unique: true }], [{ name: 1, _id: 1 }]],
  })
  const documents = createDocuments(model, 'DeclaredScope', () => ({}))
  return {
    ...documents,
    /** All of them: there are few. What a later version of the product has taken for itself is not among them. */
    async all(session: ClientSession | null = null): Promise<readonly DeclaredScope[]> {
      const found = await model.find({}, null, { session, sort: { name: 1 } }).lean<DeclaredScope[]>()
      return found.filter(({ name }) => !isShippedPrefix(prefixOf(name)))
    },
    byName: (session: ClientSession, name: string): Promise<DeclaredScope | null> =>
      model.findOne({ name }, null, { session }).lean<DeclaredScope>(),
    async remove(session: ClientSession, id: string): Promise<void> {
      await model.deleteOne({ _id: id }, { session })
    },
    list: (caller: Caller, args: ConnectionArgs) =>
      documents.page(caller, args, { filter: {}, sortField: 'name', direction: 1 }),
  }
}
