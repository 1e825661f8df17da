import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import { noteChange } from '../../../storage/audit.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { type ReviewState, reviewState } from './app-listing-state.ts'

export interface Review {
  readonly _id: string
  readonly listingId: string
  readonly organizationId: string
  readonly stars: number
  readonly text: string | null
  readonly state: ReviewState
  readonly hiddenReason: string | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const text = { type: String, required: true } as const

/** What organizations think of apps; a hidden review is its author's and the operator's. */
export function createReviews(connection: MongoConnection) {
  const model = bindModel<Review>(connection, 'Review', {
    collection: 'catalog_reviews',
    fields: {
      listingId: text,
      organizationId: text,
      stars: { type: Number, required: true, min: 1, max: 5, validate: Number.isInteger },
      text: { type: String, default: null },
      state: { ...text, enum: [...reviewState.states] },
      hiddenReason: { type: String, default: null },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [[{ listingId: 1, organizationId: 1 }, { unique: true }], [{ listingId: 1, createdAt: -1, _id: -1 }]],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Review[]> =>
      findByIds(model, 'Review', ids, visible(caller)),
    /** Pages of reviews by listing; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<Review>({
        model,
        parentField: 'listingId',
        sortField: 'createdAt',
        direction: -1,
        filter: visible(caller),
      }),
    byId: (session: ClientSession, id: string): Promise<Review | null> =>
      model.findById(id, null, { session }).lean<Review | null>(),
    ofOrganization: (session: ClientSession, listingId: string, organizationId: string): Promise<Review | null> =>
      model.findOne({ listingId, organizationId }, null, { session }).lean<Review | null>(),
    async insert(session: ClientSession, review: Review): Promise<void> {
      await model.insertMany([review], { session })
    },
    async change(
      session: ClientSession,
      document: Review,
      fields: Partial<Pick<Review, 'stars' | 'text' | 'state' | 'hiddenReason'>> & Pick<Review, 'updatedAt'>,
    ): Promise<void> {
      const { _id, version } = document
      noteChange(session, document, fields)
      await model.updateOne({ _id, version }, { $set: fields, $inc: { version: 1 } }, { session })
    },
  }
}

/** Shown reviews are everybody's, hidden ones their author's and the operator's. */
function visible(caller: Caller): Readonly<Record<string, unknown>> {
  return caller.operator ? {} : { $or: [{ state: 'SHOWN' }, { organizationId: caller.organizationId }] }
}
