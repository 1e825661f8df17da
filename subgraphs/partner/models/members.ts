import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'

export interface Member {
  readonly _id: string
  readonly organizationId: string
  readonly name: string
  readonly email: string
  readonly role: 'ADMIN' | 'DEVELOPER' | 'SALES' | 'FINANCE'
}

/** The people of organizations. */
export function createMembers(connection: Connection) {
  const model = bindModel<Member>(connection, 'Member', {
    collection: 'partner_members',
    fields: {
      organizationId: { type: String, required: true },
      name: { type: String, required: true },
      email: { type: String, required: true },
      role: { type: String, required: true },
    },
    indexes: [[{ organizationId: 1, name: 1, _id: 1 }], [{ email: 1 }, { unique: true }]],
  })
  return {
    model,
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
