import { type Connection, Schema } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { type AuditEntry, auditCollection } from '../../../storage/audit.ts'
import { bindModel } from '../../../storage/documents.ts'
import { type Filter, all, given } from '../documents.ts'

/** Which entries a list shows; what is null or left out does not narrow it. */
export interface AuditLogFilter {
  readonly organizationId?: string | null
  readonly actor?: string | null
  readonly subjectId?: string | null
  readonly action?: string | null
  readonly outcome?: AuditEntry['outcome'] | null
  readonly from?: Date | null
  readonly to?: Date | null
}

const text = { type: String, default: null } as const
const texts = { type: [String], required: true } as const

/** The audit log, to be read: what writes it, and its indexes, are in `storage/audit.ts`. */
export function createAuditLog(connection: Connection) {
  const model = bindModel<AuditEntry>(connection, 'AuditEntry', {
    collection: auditCollection,
    fields: {
      at: { type: Date, required: true },
      requestId: text,
      actorKind: { type: String, required: true },
      actor: { type: String, required: true },
      appId: text,
      organizationId: text,
      endUserId: text,
      credentialId: text,
      action: { type: String, required: true },
      subjectType: text,
      subjectId: text,
      outcome: { type: String, required: true },
      codes: texts,
      fields: texts,
      changes: { type: [Schema.Types.Mixed], required: true },
      events: texts,
      organizations: texts,
    },
    indexes: [],
  })
  return {
    model,
    /** Entries that the caller may see, the latest first: the operator all, others what their organization did. */
    list(caller: Caller, args: ConnectionArgs, { organizationId, from, to, ...exact }: AuditLogFilter) {
      const span = given({ $gte: from, $lt: to })
      const filter: Filter = {
        ...given({ ...exact, organizations: organizationId }),
        ...(Object.keys(span).length === 0 ? {} : { at: span }),
      }
      const condition = all<AuditEntry>(filter, ownedBy(caller))
      return readConnection<AuditEntry>(args, {
        sortField: 'at',
        direction: -1,
        read: ({ after, sort, limit }) =>
          model.find(all<AuditEntry>(filter, ownedBy(caller), after), null, { sort, limit }).lean<AuditEntry[]>(),
        count: () =>
          Object.keys(condition).length === 0 ? model.estimatedDocumentCount() : model.countDocuments(condition),
      })
    },
  }
}
