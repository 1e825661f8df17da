import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'

export const certificationStatuses = ['ACTIVE', 'EXPIRED', 'REVOKED'] as const
export type CertificationStatus = (typeof certificationStatuses)[number]

/** Every transition there is; to ACTIVE it comes by renewal. */
export const certificationStateMachine = createStateMachine<CertificationStatus>('certification', {
  ACTIVE: ['ACTIVE', 'EXPIRED', 'REVOKED'],
  EXPIRED: ['ACTIVE', 'REVOKED'],
  REVOKED: [],
})

export interface Certification {
  readonly _id: string
  readonly organizationId: string
  /** Null: the organization itself holds it. */
  readonly memberId: string | null
  readonly code: string
  readonly title: string
  readonly status: CertificationStatus
  readonly issuedAt: Date
  readonly expiresAt: Date | null
  readonly version: number
}

export interface CertificationFilter {
  readonly organizationId?: string | null
  readonly memberId?: string | null
  readonly code?: string | null
  readonly status?: CertificationStatus | null
}

const text = { type: String, required: true } as const

/** What members and organizations have mastered. */
export function createCertifications(connection: Connection) {
  const model = bindModel<Certification>(connection, 'Certification', {
    collection: 'partner_certifications',
    fields: {
      organizationId: text,
      memberId: { type: String, default: null },
      code: text,
      title: text,
      status: { ...text, enum: certificationStatuses },
      issuedAt: { type: Date, required: true },
      expiresAt: { type: Date, default: null },
      version: { type: Number, required: true },
    },
    indexes: [
      // Nobody holds the same twice, whoever grants at once.
      [
        { organizationId: 1, memberId: 1, code: 1 },
        { unique: true, partialFilterExpression: { status: 'ACTIVE' } },
      ],
      [{ status: 1, expiresAt: 1 }],
      [{ organizationId: 1, issuedAt: -1, _id: -1 }],
      [{ memberId: 1, issuedAt: -1, _id: -1 }],
      [{ code: 1, issuedAt: -1, _id: -1 }],
      [{ status: 1, issuedAt: -1, _id: -1 }],
      [{ issuedAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'Certification')
  const pagesBy = (parentField: 'organizationId' | 'memberId') => (caller: Caller) =>
    createChildConnections<Certification>({
      model,
      parentField,
      sortField: 'issuedAt',
      direction: -1,
      filter: ownedBy(caller),
    })
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & CertificationFilter) => {
      const { organizationId, memberId, code, status } = args
      const filter = given({ organizationId, memberId, code, status })
      return documents.page(caller, args, { filter, sortField: 'issuedAt', direction: -1 })
    },
    /** The members of an organization who hold one at least. */
    holders: (session: ClientSession, organizationId: string): Promise<(string | null)[]> =>
      model.distinct('memberId', { organizationId, status: 'ACTIVE' }, { session }),
    /** One reader per request each. */
    createPagesByOrganization: pagesBy('organizationId'),
    createPagesByMember: pagesBy('memberId'),
  }
}
