import type { AnyBulkWriteOperation, ClientSession, Connection, QueryFilter } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { PageRequest } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, countMatching, findByIds, prepareModels } from '../../../storage/documents.ts'
import { matchingWords } from '../../../storage/search.ts'
import { allOf, searchHint } from '../list-filter.ts'
import { type LeadDocument, leadDefinition } from './lead-document.ts'
import type { LeadState } from './lead-state.ts'
import { type LeadView, maskLead, revealedStates } from './mask-lead.ts'

/** Which leads a list shows; what is left out does not narrow. */
export interface LeadFilter {
  readonly state?: LeadState | null
  readonly organizationId?: string | null
  readonly family?: string | null
  readonly search?: string | null
}

type Content = Partial<Omit<LeadDocument, '_id' | 'version'>>

function conditions(caller: Caller, { state, organizationId, family, search }: LeadFilter): Record<string, unknown>[] {
  return [
    state ? { state } : {},
    organizationId ? { organizationId } : {},
    family ? { family } : {},
    typeof search === 'string' ? matchingWords('searchWords', search) : {},
    // A search must not find by what is masked, or it would tell it word by word.
    typeof search === 'string' && !caller.operator ? { state: { $in: revealedStates }, acceptedAt: { $ne: null } } : {},
  ]
}

function visible(caller: Caller, filter: LeadFilter, after = {}): QueryFilter<LeadDocument> {
  return allOf(ownedBy(caller), ...conditions(caller, filter), after)
}

/** Leads. A partner sees those that it has now; reads answer what the caller may see of them, and only that. */
export function createLeadModel(connection: Connection) {
  const Lead = bindModel<LeadDocument>(connection, 'Lead', leadDefinition)
  return {
    prepare: (): Promise<void> => prepareModels([Lead]),
    async byIds(caller: Caller, ids: readonly string[]): Promise<LeadView[]> {
      return (await findByIds(Lead, 'Lead', ids, ownedBy(caller))).map((lead) => maskLead(caller, lead))
    },
    async page(caller: Caller, filter: LeadFilter, { sort, limit, after }: PageRequest): Promise<LeadView[]> {
      const owner = ownedBy(caller).organizationId ?? filter.organizationId
      const options = { sort, limit, ...searchHint(filter.search, owner) }
      const leads = await Lead.find(visible(caller, filter, after), null, options).lean<LeadDocument[]>()
      return leads.map((lead) => maskLead(caller, lead))
    },
    count: (caller: Caller, filter: LeadFilter): Promise<number> => countMatching(Lead, visible(caller, filter)),
    /** A lead of the caller's in full, for commands; never to be shown as it is. */
    unmasked: (caller: Caller, session: ClientSession, id: string): Promise<LeadDocument | null> =>
      Lead.findOne({ ...ownedBy(caller), _id: id }, null, { session }).lean(),
    byExternalIds: (session: ClientSession, externalIds: readonly string[]): Promise<LeadDocument[]> =>
      Lead.find({ externalId: { $in: externalIds } }, null, { session }).lean(),
    /** Ids of leads whose time to be accepted is over, the longest over first. */
    async due(now: Date, limit: number): Promise<string[]> {
      const found = await Lead.find(
        { acceptDueAt: { $lte: now } },
        { _id: 1 },
        { sort: { acceptDueAt: 1 }, limit },
      ).lean<{ _id: string }[]>()
      return found.map(({ _id }) => _id)
    },
    /** One of those, read anew in the transaction that passes it on; null when that has happened. */
    stillDue: (session: ClientSession, id: string, now: Date): Promise<LeadDocument | null> =>
      Lead.findOne({ _id: id, acceptDueAt: { $lte: now } }, null, { session }).lean(),
    async insert(leads: readonly LeadDocument[], session: ClientSession | null = null): Promise<void> {
      // As they are: an import brings a thousand at once, which its checks have made sound.
      await Lead.insertMany(leads, { session, lean: true })
    },
    /** Changes a lead as it was read; null when it has changed since. */
    change(
      session: ClientSession,
      document: Pick<LeadDocument, '_id' | 'version'>,
      changes: Content,
    ): Promise<LeadDocument | null> {
      const { _id, version } = document
      noteChange(session, document, changes)
      const update = { $set: changes, $inc: { version: 1 } } as const
      return Lead.findOneAndUpdate({ _id, version }, update, { session, returnDocument: 'after' }).lean()
    },
    /** Changes many leads that are still new, in one command. */
    async changeNew(session: ClientSession, changes: ReadonlyMap<string, Content>): Promise<void> {
      const writes = [...changes].map(([_id, content]): AnyBulkWriteOperation<LeadDocument> => ({
        updateOne: { filter: { _id, state: 'NEW' }, update: { $set: content, $inc: { version: 1 } } },
      }))
      await Lead.bulkWrite(writes, { session })
    },
  }
}
