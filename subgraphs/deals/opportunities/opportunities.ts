import type { ClientSession, Connection, QueryFilter } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import type { Money } from '../../../kit/money.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, countMatching, findByIds, moneySchema, prepareModels } from '../../../storage/documents.ts'
import { matchingWords } from '../../../storage/search.ts'
import { allOf, searchHint } from '../list-filter.ts'
import { type OpportunityStage, opportunityStages } from './opportunity-stage.ts'

export interface OpportunityDocument {
  readonly _id: string
  readonly dealId: string
  readonly organizationId: string
  readonly stage: OpportunityStage
  readonly amount: Money
  readonly closeDate: Date
  readonly lostReason: string | null
  readonly closedAt: Date | null
  readonly searchWords: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which opportunities a list shows; what is left out does not narrow. */
export interface OpportunityFilter {
  readonly stage?: OpportunityStage | null
  readonly organizationId?: string | null
  readonly closeFrom?: Date | null
  readonly closeBefore?: Date | null
  readonly search?: string | null
}

const text = { type: String, required: true } as const
const moment = { type: Date, required: true } as const

function conditions({ stage, organizationId, closeFrom, closeBefore, search }: OpportunityFilter) {
  return {
    ...(stage ? { stage } : {}),
    ...(organizationId ? { organizationId } : {}),
    ...(closeFrom || closeBefore
      ? { closeDate: { ...(closeFrom ? { $gte: closeFrom } : {}), ...(closeBefore ? { $lt: closeBefore } : {}) } }
      : {}),
    ...(typeof search === 'string' ? matchingWords('searchWords', search) : {}),
  }
}

function visible(caller: Caller, filter: OpportunityFilter, after = {}): QueryFilter<OpportunityDocument> {
  return allOf(ownedBy(caller), conditions(filter), after)
}

/** Opportunities: approved registrations that partners work on. They belong to partners as registrations do. */
export function createOpportunityModel(connection: Connection) {
  const Opportunity = bindModel<OpportunityDocument>(connection, 'Opportunity', {
    collection: 'deal_opportunities',
    fields: {
      dealId: text,
      organizationId: text,
      stage: { ...text, enum: opportunityStages },
      amount: { type: moneySchema, required: true },
      closeDate: moment,
      lostReason: { type: String, default: null },
      closedAt: { type: Date, default: null },
      searchWords: { type: [String], required: true },
      version: { type: Number, required: true },
      createdAt: moment,
      updatedAt: moment,
    },
    indexes: [
      // A registration becomes one opportunity, however often its conversion is tried.
      [{ dealId: 1 }, { unique: true }],
      [{ organizationId: 1, closeDate: 1, _id: 1 }],
      [{ organizationId: 1, stage: 1, closeDate: 1, _id: 1 }],
      [{ organizationId: 1, searchWords: 1 }],
      [{ closeDate: 1, _id: 1 }],
      [{ stage: 1, closeDate: 1, _id: 1 }],
      [{ searchWords: 1 }],
    ],
  })
  return {
    prepare: (): Promise<void> => prepareModels([Opportunity]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<OpportunityDocument[]> =>
      findByIds(Opportunity, 'Opportunity', ids, ownedBy(caller)),
    byId: (caller: Caller, session: ClientSession, id: string): Promise<OpportunityDocument | null> =>
      Opportunity.findOne({ ...ownedBy(caller), _id: id }, null, { session }).lean(),
    page: (
      caller: Caller,
      filter: OpportunityFilter,
      { sort, limit, after }: PageRequest,
    ): Promise<OpportunityDocument[]> =>
      Opportunity.find(visible(caller, filter, after), null, {
        sort,
        limit,
        ...searchHint(filter.search, ownedBy(caller).organizationId ?? filter.organizationId),
      }).lean(),
    count: (caller: Caller, filter: OpportunityFilter): Promise<number> =>
      countMatching(Opportunity, visible(caller, filter)),
    async insert(opportunities: readonly OpportunityDocument[], session: ClientSession | null = null): Promise<void> {
      await Opportunity.insertMany(opportunities, { session })
    },
    /** Changes an opportunity as it was read; null when it has changed since. */
    change(
      session: ClientSession,
      document: Pick<OpportunityDocument, '_id' | 'version'>,
      changes: Partial<Omit<OpportunityDocument, '_id' | 'version'>>,
    ): Promise<OpportunityDocument | null> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const update = { $set: changes, $inc: { version: 1 } } as const
      return Opportunity.findOneAndUpdate({ _id, version }, update, { session, returnDocument: 'after' }).lean()
    },
  }
}
