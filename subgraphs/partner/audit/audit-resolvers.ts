import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { AuditChange, AuditEntry } from '../../../storage/audit.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { AuditLogFilter } from './audit-log.ts'

export const auditResolvers: Resolvers<PartnerContext> = {
  Query: {
    auditLog: (
      _: unknown,
      { filter, ...page }: ConnectionArgs & { readonly filter?: AuditLogFilter | null },
      { models, caller }: PartnerContext,
    ) => models.audit.list(caller, page, filter ?? {}),
  },
  AuditEntry: {
    id: ({ _id }: AuditEntry) => _id,
    subject: ({ subjectId, subjectType }: AuditEntry) => subjectId && { id: subjectId, type: subjectType ?? 'Unknown' },
  },
  AuditChange: {
    before: ({ before }: AuditChange) => (before === null ? null : String(before)),
    after: ({ after }: AuditChange) => (after === null ? null : String(after)),
  },
}
