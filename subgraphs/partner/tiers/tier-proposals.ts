import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'

export const tierProposalStatuses = ['PENDING', 'ACCEPTED', 'DECLINED', 'SUPERSEDED'] as const
export type TierProposalStatus = (typeof tierProposalStatuses)[number]

/** Every transition there is. */
export const tierProposalStateMachine = createStateMachine<TierProposalStatus>('proposal', {
  PENDING: ['ACCEPTED', 'DECLINED', 'SUPERSEDED'],
  ACCEPTED: [],
  DECLINED: [],
  SUPERSEDED: [],
})

/** A promotion or demotion that waits for the operator. */
export interface TierProposal {
  readonly _id: string
  readonly organizationId: string
  readonly kind: 'PROMOTION' | 'DEMOTION'
  readonly fromTierId: string | null
  readonly toTierId: string
  readonly status: TierProposalStatus
  readonly reason: string | null
  readonly createdAt: Date
  readonly version: number
}

export interface TierProposalFilter {
  readonly organizationId?: string | null
  readonly status?: TierProposalStatus | null
}

const text = { type: String, required: true } as const

/** Proposed moves between tiers. */
export function createTierProposals(connection: Connection) {
  const model = bindModel<TierProposal>(connection, 'TierProposal', {
    collection: 'partner_tier_proposals',
    fields: {
      organizationId: text,
      kind: { ...text, enum: ['PROMOTION', 'DEMOTION'] },
      fromTierId: { type: String, default: null },
      toTierId: text,
      status: { ...text, enum: tierProposalStatuses },
      reason: { type: String, default: null },
      createdAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      // One that waits per organization, however many processes evaluate it.
      [{ organizationId: 1 }, { unique: true, partialFilterExpression: { status: 'PENDING' } }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'TierProposal')
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & TierProposalFilter) => {
      const filter = given({ organizationId: args.organizationId, status: args.status })
      return documents.page(caller, args, { filter, sortField: 'createdAt', direction: -1 })
    },
    pending: (session: ClientSession, organizationId: string): Promise<TierProposal | null> =>
      model.findOne({ organizationId, status: 'PENDING' }, null, { session }).lean<TierProposal>(),
  }
}
