import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'

export const consentStatuses = ['ACTIVE', 'REVOKED', 'EXPIRED'] as const
export type ConsentStatus = (typeof consentStatuses)[number]

/** Every transition there is; ACTIVE to ACTIVE is a consent given anew. */
export const consentStateMachine = createStateMachine<ConsentStatus>('consent', {
  ACTIVE: ['ACTIVE', 'REVOKED', 'EXPIRED'],
  REVOKED: [],
  EXPIRED: [],
})

/** What a member has allowed an app to do. It belongs to the member's organization, whoever owns the app. */
export interface Consent {
  readonly _id: string
  readonly organizationId: string
  readonly memberId: string
  readonly appId: string
  readonly scopes: readonly string[]
  /** Scopes of published subgraphs, by id; absent in consents from before there were any. */
  readonly grants?: readonly string[]
  readonly status: ConsentStatus
  readonly grantedAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly version: number
}

export interface ConsentFilter {
  readonly organizationId?: string | null
  readonly memberId?: string | null
  readonly appId?: string | null
  readonly status?: ConsentStatus | null
}

const text = { type: String, required: true } as const

/** Consents of members. */
export function createConsents(connection: Connection) {
  const model = bindModel<Consent>(connection, 'Consent', {
    collection: 'partner_consents',
    fields: {
      organizationId: text,
      memberId: text,
      appId: text,
      scopes: { type: [String], required: true },
      grants: { type: [String], default: undefined },
      status: { ...text, enum: consentStatuses },
      grantedAt: { type: Date, required: true },
      expiresAt: { type: Date, default: null },
      revokedAt: { type: Date, default: null },
      version: { type: Number, required: true },
    },
    indexes: [
      // One consent in force per member and app, whoever records at once.
      [
        { memberId: 1, appId: 1 },
        { unique: true, partialFilterExpression: { status: 'ACTIVE' } },
      ],
      [{ status: 1, expiresAt: 1 }],
      [{ organizationId: 1, grantedAt: -1, _id: -1 }],
      [{ memberId: 1, grantedAt: -1, _id: -1 }],
      [{ appId: 1, grantedAt: -1, _id: -1 }],
      [{ status: 1, grantedAt: -1, _id: -1 }],
      [{ grantedAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'Consent')
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & ConsentFilter) => {
      const { organizationId, memberId, appId, status } = args
      const filter = given({ organizationId, memberId, appId, status })
      return documents.page(caller, args, { filter, sortField: 'grantedAt', direction: -1 })
    },
    ofMemberAndApp: (memberId: string, appId: string): Promise<Consent | null> =>
      model.findOne({ memberId, appId, status: 'ACTIVE' }).lean<Consent>(),
    inForce: (session: ClientSession, memberId: string, appId: string): Promise<Consent | null> =>
      model.findOne({ memberId, appId, status: 'ACTIVE' }, null, { session }).lean<Consent>(),
  }
}
