import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { matchingWords, searchWords } from '../../../storage/search.ts'
import { type AppListingState, appListingState } from './app-listing-state.ts'

export interface AppListing {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly category: string
  readonly state: AppListingState
  /** While true, the app can have no other listing: a unique index sees to it. */
  readonly live: boolean
  readonly decisionReason: string | null
  readonly publishedAt: Date | null
  /** Of its shown reviews; counted up and down in the transactions that change them, and not part of `version`. */
  readonly starsTotal: number
  readonly reviewCount: number
  /** By which it is found. */
  readonly words: readonly string[]
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which listings the marketplace shows. */
export interface AppListingFilter {
  readonly state: AppListingState | null
  readonly category: string | null
  readonly search: string | null
}

/** The words by which a listing is found. */
export function listingWords({ name, summary }: Pick<AppListing, 'name' | 'summary'>): string[] {
  return searchWords(name, summary)
}

const text = { type: String, required: true } as const
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const

/** Listings of apps: published ones are everybody's, others their organization's and the operator's. */
export function createAppListings(connection: MongoConnection) {
  const model = bindModel<AppListing>(connection, 'AppListing', {
    collection: 'catalog_app_listings',
    fields: {
      appId: text,
      organizationId: text,
      name: text,
      summary: text,
      description: text,
      category: text,
      state: { ...text, enum: [...appListingState.states] },
      live: { type: Boolean, required: true },
      decisionReason: { type: String, default: null },
      publishedAt: { type: Date, default: null },
      starsTotal: whole,
      reviewCount: whole,
      words: { type: [String], required: true },
      version: whole,
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [
      [{ appId: 1 }, { unique: true, partialFilterExpression: { live: true } }],
      [{ state: 1, name: 1, _id: 1 }],
      [{ state: 1, category: 1, name: 1, _id: 1 }],
      [{ state: 1, words: 1 }],
      [{ organizationId: 1, state: 1, name: 1, _id: 1 }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, state: 1, createdAt: -1, _id: -1 }],
    ],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<AppListing[]> =>
      findByIds(model, 'AppListing', ids, visible(caller)),
    readPage(caller: Caller, args: ConnectionArgs, filter: AppListingFilter): Promise<Connection<AppListing>> {
      const { category, search } = filter
      const state = filter.state ?? 'PUBLISHED'
      const wanted = {
        ...(state === 'PUBLISHED' ? {} : ownedBy(caller)),
        state,
        ...(category === null ? {} : { category }),
        ...(search === null ? {} : matchingWords('words', search)),
      }
      return readConnection<AppListing>(args, {
        sortField: 'name',
        direction: 1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...wanted, ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<AppListing[]>(),
        count: () => model.countDocuments(wanted),
      })
    },
    /** Pages of listings by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<AppListing>({
        model,
        parentField: 'organizationId',
        sortField: 'createdAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
    /** A listing that the caller may change: its own, or any for the operator. */
    ownById: (caller: Caller, session: ClientSession, id: string): Promise<AppListing | null> =>
      model.findOne({ _id: id, ...ownedBy(caller) }, null, { session }).lean<AppListing | null>(),
    visibleById: (caller: Caller, session: ClientSession, id: string): Promise<AppListing | null> =>
      model.findOne({ _id: id, ...visible(caller) }, null, { session }).lean<AppListing | null>(),
    liveOfApp: (session: ClientSession, appId: string): Promise<AppListing | null> =>
      model.findOne({ appId, live: true }, null, { session }).lean<AppListing | null>(),
    /** Few: an organization has a bounded number of apps, and each one listing at most. */
    liveOfOrganization: (session: ClientSession, organizationId: string): Promise<AppListing[]> =>
      model.find({ organizationId, live: true }, null, { session }).lean<AppListing[]>(),
    async insert(session: ClientSession, listing: AppListing): Promise<void> {
      await model.insertMany([listing], { session })
    },
    /** Writes a change of the version that was read in the same transaction, and answers the listing as it then is. */
    async change(
      session: ClientSession,
      listing: AppListing,
      fields: Partial<Omit<AppListing, '_id' | 'version' | 'starsTotal' | 'reviewCount'>>,
    ): Promise<AppListing> {
      noteChange(session, listing, fields)
      const changed = { ...listing, ...fields, version: listing.version + 1 }
      const { _id, starsTotal: _stars, reviewCount: _count, ...set } = { ...changed, words: listingWords(changed) }
      await model.updateOne({ _id, version: listing.version }, { $set: set }, { session })
      return changed
    },
    /** Counts reviews up or down in the transaction that shows, hides or changes one. */
    async countStars(
      session: ClientSession,
      id: string,
      { stars, reviews }: { readonly stars: number; readonly reviews: number },
    ): Promise<void> {
      if (stars === 0 && reviews === 0) return
      await model.updateOne({ _id: id }, { $inc: { starsTotal: stars, reviewCount: reviews } }, { session })
    },
  }
}

/** What the caller may see of listings whatever their state. */
function visible(caller: Caller): Readonly<Record<string, unknown>> {
  return caller.operator ? {} : { $or: [{ state: 'PUBLISHED' }, { organizationId: caller.organizationId }] }
}
