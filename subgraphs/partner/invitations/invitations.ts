import { createHash } from 'node:crypto'
import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { all, createDocuments, given } from '../documents.ts'
import { type MemberRole, memberRoles } from '../members/members.ts'

export const invitationStatuses = ['PENDING', 'ACCEPTED', 'REVOKED', 'EXPIRED'] as const
export type InvitationStatus = (typeof invitationStatuses)[number]

/** Every transition there is; PENDING to PENDING is a new token, and an expired one can be sent again too. */
export const invitationStateMachine = createStateMachine<InvitationStatus>('invitation', {
  PENDING: ['PENDING', 'ACCEPTED', 'REVOKED', 'EXPIRED'],
  EXPIRED: ['PENDING'],
  ACCEPTED: [],
  REVOKED: [],
})

export interface Invitation {
  readonly _id: string
  readonly organizationId: string
  readonly email: string
  readonly role: MemberRole
  readonly status: InvitationStatus
  /** The token itself is not stored. */
  readonly tokenHash: string
  readonly memberId: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly version: number
}

export interface InvitationFilter {
  readonly organizationId?: string | null
  readonly status?: InvitationStatus | null
}

const tokenPrefix = 'trb_invite_'

/** The token made of random bytes. */
export function invitationToken(bytes: Uint8Array): string {
  return tokenPrefix + Buffer.from(bytes.subarray(0, 32)).toString('base64url')
}

/** What is stored of a token. Its 256 random bits need no keyed or slow hash. */
export function hashInvitationToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const

/** Invitations of people to organizations. */
export function createInvitations(connection: Connection) {
  const model = bindModel<Invitation>(connection, 'Invitation', {
    collection: 'partner_invitations',
    fields: {
      organizationId: text,
      email: text,
      role: { ...text, enum: memberRoles },
      status: { ...text, enum: invitationStatuses },
      tokenHash: text,
      memberId: { type: String, default: null },
      createdAt: moment,
      expiresAt: moment,
      version: { type: Number, required: true },
    },
    indexes: [
      // One pending invitation per person and organization, whoever invites at once.
      [
        { organizationId: 1, email: 1 },
        { unique: true, partialFilterExpression: { status: 'PENDING' } },
      ],
      [{ tokenHash: 1 }, { unique: true }],
      [{ status: 1, expiresAt: 1 }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'Invitation')
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & InvitationFilter) =>
      documents.page(caller, args, { filter: invitationCondition(args), sortField: 'createdAt', direction: -1 }),
    findByToken: (caller: Caller, session: ClientSession, token: string): Promise<Invitation | null> =>
      model
        .findOne(all<Invitation>({ tokenHash: hashInvitationToken(token) }, ownedBy(caller)), null, { session })
        .lean<Invitation>(),
    countSince: (session: ClientSession, organizationId: string, since: Date): Promise<number> =>
      model.countDocuments({ organizationId, createdAt: { $gt: since } }, { session }),
    /** Pages of invitations by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<Invitation>({
        model,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}

/** The condition of a filter. */
export function invitationCondition({ organizationId, status }: InvitationFilter) {
  return given({ organizationId, status })
}
