import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'

/** What listings need to know of an app; the partner subgraph owns it. */
export interface AppCopy {
  readonly _id: string
  readonly organizationId: string
  readonly revoked: boolean
}

/** The catalog's own copy of apps, fed by their events. */
export function createAppCopies(connection: Connection) {
  const model = bindModel<AppCopy>(connection, 'CatalogApp', {
    collection: 'catalog_apps',
    fields: { organizationId: { type: String, required: true }, revoked: { type: Boolean, required: true } },
    indexes: [],
  })
  return {
    model,
    byId: (caller: Caller, session: ClientSession, id: string): Promise<AppCopy | null> =>
      model.findOne({ _id: id, ...ownedBy(caller) }, null, { session }).lean<AppCopy | null>(),
    /** An app that was revoked stays so, in whatever order its events are handled. */
    async take(session: ClientSession, { _id, organizationId, revoked }: AppCopy): Promise<void> {
      const change = revoked ? { $set: { organizationId, revoked } } : { $setOnInsert: { organizationId, revoked } }
      await model.updateOne({ _id }, change, { session, upsert: true })
    },
  }
}
