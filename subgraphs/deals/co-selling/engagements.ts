import type { ClientSession, Connection, QueryFilter } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, countMatching, embeddedSchema, findByIds, prepareModels } from '../../../storage/documents.ts'
import { allOf } from '../list-filter.ts'
import { type EngagementState, engagementStates } from './engagement-state.ts'
import { type CoSellEngagementDocument, type CoSellNote, type CoSellSide, sharedFields } from './engagement-document.ts'

export interface EngagementFilter {
  readonly side: CoSellSide
  readonly state: EngagementState | null
  readonly dealId: string | null
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const
const flag = { type: Boolean, required: true } as const
const note = embeddedSchema<CoSellNote>({ organizationId: text, text, private: flag, at: moment })

/** The operator is the guest of some; on the owners' side it sees those of all partners. */
function visible(caller: Caller, filter: EngagementFilter, after = {}): QueryFilter<CoSellEngagementDocument> {
  const { side, state, dealId } = filter
  const own = caller.operator ? {} : { ownerId: caller.organizationId }
  return allOf(
    side === 'GUEST' ? { guestId: caller.organizationId } : own,
    state === null ? {} : { state },
    dealId === null ? {} : { dealId },
    after,
  )
}

function takesPart({ operator, organizationId }: Caller): QueryFilter<CoSellEngagementDocument> {
  return operator ? {} : { $or: [{ ownerId: organizationId }, { guestId: organizationId }] }
}

/** Co-selling engagements. An organization that is neither side of one cannot find it; the operator finds all. */
export function createEngagementModel(connection: Connection) {
  const Engagement = bindModel<CoSellEngagementDocument>(connection, 'CoSellEngagement', {
    collection: 'deal_co_sell_engagements',
    fields: {
      dealId: text,
      ownerId: text,
      guestId: text,
      invitedBy: text,
      state: { ...text, enum: engagementStates },
      message: { type: String, default: null },
      shared: { type: [{ type: String, enum: sharedFields }], required: true },
      notes: { type: [note], required: true },
      open: flag,
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      [
        { dealId: 1, guestId: 1 },
        { unique: true, partialFilterExpression: { open: true } },
      ],
      [{ dealId: 1, createdAt: -1, _id: -1 }],
      [{ ownerId: 1, createdAt: -1, _id: -1 }],
      [{ ownerId: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ guestId: 1, createdAt: -1, _id: -1 }],
      [{ guestId: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
      [{ state: 1, createdAt: -1, _id: -1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Engagement]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<CoSellEngagementDocument[]> =>
      findByIds(Engagement, 'CoSellEngagement', ids, takesPart(caller)),
    byId: (caller: Caller, session: ClientSession, id: string): Promise<CoSellEngagementDocument | null> =>
      Engagement.findOne({ _id: id, ...takesPart(caller) }, null, { session }).lean(),
    page: (caller: Caller, filter: EngagementFilter, page: PageRequest): Promise<CoSellEngagementDocument[]> =>
      Engagement.find(visible(caller, filter, page.after), null, { sort: page.sort, limit: page.limit }).lean(),
    count: (caller: Caller, filter: EngagementFilter): Promise<number> =>
      countMatching(Engagement, visible(caller, filter)),
    async insert(
      engagements: readonly CoSellEngagementDocument[],
      session: ClientSession | null = null,
    ): Promise<void> {
      await Engagement.insertMany(engagements, { session })
    },
    /** Changes an engagement as it was read; null when it has changed since. */
    change(
      session: ClientSession,
      document: Pick<CoSellEngagementDocument, '_id' | 'version'>,
      changes: Partial<Omit<CoSellEngagementDocument, '_id' | 'version'>>,
    ): Promise<CoSellEngagementDocument | null> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const update = { $set: changes, $inc: { version: 1 } } as const
      return Engagement.findOneAndUpdate({ _id, version }, update, { session, returnDocument: 'after' }).lean()
    },
  }
}
