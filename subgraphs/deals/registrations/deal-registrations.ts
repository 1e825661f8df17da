import type { ClientSession, Connection, QueryFilter } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, countMatching, findByIds, prepareModels } from '../../../storage/documents.ts'
import { allOf, searchHint } from '../list-filter.ts'
import { type DealRegistrationDocument, dealDefinition } from './deal-document.ts'
import { type DealListFilter, dealConditions } from './deal-filter.ts'

type Filter = QueryFilter<DealRegistrationDocument>
type DueField = 'heldUntil' | 'decisionNoticeAt' | 'protectionNoticeAt'

function visible(caller: Caller, { organizationId, ...filter }: DealListFilter, after = {}): Filter {
  return allOf(ownedBy(caller), organizationId ? { organizationId } : {}, dealConditions(filter), after)
}

/** Deal registrations. They belong to partners: what a caller's organization does not own is not there for it. */
export function createDealRegistrationModel(connection: Connection) {
  const Deal = bindModel<DealRegistrationDocument>(connection, 'DealRegistration', dealDefinition)
  return {
    prepare: (): Promise<void> => prepareModels([Deal]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<DealRegistrationDocument[]> =>
      findByIds(Deal, 'DealRegistration', ids, ownedBy(caller)),
    byId: (caller: Caller, session: ClientSession, id: string): Promise<DealRegistrationDocument | null> =>
      Deal.findOne({ ...ownedBy(caller), _id: id }, null, { session }).lean(),
    page: (
      caller: Caller,
      filter: DealListFilter,
      { sort, limit, after }: PageRequest,
    ): Promise<DealRegistrationDocument[]> =>
      Deal.find(visible(caller, filter, after), null, {
        sort,
        limit,
        ...searchHint(filter.search, ownedBy(caller).organizationId ?? filter.organizationId),
      }).lean(),
    count: (caller: Caller, filter: DealListFilter): Promise<number> => countMatching(Deal, visible(caller, filter)),
    /** The registrations of organizations, read together for all that a response asks about. */
    ofOrganizations: (caller: Caller) =>
      createChildConnections<DealRegistrationDocument>({
        model: Deal,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
    /**
     * The registrations of co-sold deals, whoever owns them. Only for what `co-selling` lets a guest see of them; never
     * to be shown to a caller as they are.
     */
    shared: (ids: readonly string[]): Promise<DealRegistrationDocument[]> => findByIds(Deal, 'DealRegistration', ids),
    /**
     * The registration that holds this conflict key beyond its time, whoever owns it. For the rule that a protection
     * that is over keeps nobody out; never to be shown to a caller.
     */
    lapsed: (session: ClientSession, key: string, now: Date): Promise<DealRegistrationDocument | null> =>
      Deal.findOne({ conflictKey: key, exclusive: true, heldUntil: { $lte: now } }, null, { session }).lean(),
    /** True while some registration, whoever owns it, is exclusive by this conflict key. */
    isHeld: async (session: ClientSession, key: string): Promise<boolean> =>
      (await Deal.exists({ conflictKey: key, exclusive: true }).session(session)) !== null,
    /** Ids of registrations for which something is due by time, the longest due first. */
    async due(field: DueField, now: Date, limit: number): Promise<string[]> {
      const found = await Deal.find(
        { [field]: { $lte: now } } as Filter,
        { _id: 1 },
        { sort: { [field]: 1 }, limit },
      ).lean<{ _id: string }[]>()
      return found.map(({ _id }) => _id)
    },
    /** One of those, read anew in the transaction that deals with it; null when another process has. */
    stillDue: (
      session: ClientSession,
      { id, field, now }: { readonly id: string; readonly field: DueField; readonly now: Date },
    ): Promise<DealRegistrationDocument | null> =>
      Deal.findOne({ _id: id, [field]: { $lte: now } } as Filter, null, { session }).lean(),
    async insert(deals: readonly DealRegistrationDocument[], session: ClientSession | null = null): Promise<void> {
      await Deal.insertMany(deals, { session })
    },
    /** Changes a registration as it was read; null when it has changed since. */
    change(
      session: ClientSession,
      document: Pick<DealRegistrationDocument, '_id' | 'version'>,
      changes: Partial<Omit<DealRegistrationDocument, '_id' | 'version'>>,
    ): Promise<DealRegistrationDocument | null> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const update = { $set: changes, $inc: { version: 1 } } as const
      return Deal.findOneAndUpdate({ _id, version }, update, { session, returnDocument: 'after' }).lean()
    },
    /** Notes that a notice was given. The version stays: whoever works on the registration need not read it again. */
    async note(
      session: ClientSession,
      id: string,
      noted: Partial<Pick<DealRegistrationDocument, 'decisionNoticeAt' | 'protectionNoticeAt'>>,
    ): Promise<void> {
      await Deal.updateOne({ _id: id }, { $set: noted }, { session })
    },
  }
}
