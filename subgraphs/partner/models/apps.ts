import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'

export interface App {
  readonly _id: string
  readonly organizationId: string
  readonly name: string
  readonly environment: 'LIVE' | 'SANDBOX'
  readonly status: 'ACTIVE' | 'REVOKED'
  readonly scopes: readonly string[]
  readonly createdAt: Date
}

/** The programs of partners. */
export function createApps(connection: Connection) {
  const model = bindModel<App>(connection, 'App', {
    collection: 'partner_apps',
    fields: {
      organizationId: { type: String, required: true },
      name: { type: String, required: true },
      environment: { type: String, required: true },
      status: { type: String, required: true },
      scopes: { type: [String], required: true },
      createdAt: { type: Date, required: true },
    },
    indexes: [[{ organizationId: 1, name: 1, _id: 1 }]],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<App[]> =>
      findByIds(model, 'App', ids, ownedBy(caller)),
    /** Pages of apps by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<App>({
        model,
        parentField: 'organizationId',
        sortField: 'name',
        direction: 1,
        filter: ownedBy(caller),
      }),
  }
}
