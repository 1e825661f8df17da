import type { ClientSession, Connection as MongoConnection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import { noteChange } from '../../../storage/audit.ts'
import { bindModel, findByIds } from '../../../storage/documents.ts'
import { type InstallationState, installationState } from './app-listing-state.ts'

export interface Installation {
  readonly _id: string
  readonly listingId: string
  readonly organizationId: string
  readonly state: InstallationState
  /** While true, the organization can have no other installation of the listing: a unique index sees to it. */
  readonly live: boolean
  readonly suspendedByOperator: boolean
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which installations a list shows; null means any. */
export interface InstallationFilter {
  readonly listingId: string | null
  readonly state: InstallationState | null
}

const text = { type: String, required: true } as const

/** Who uses which app; an organization sees its own. */
export function createInstallations(connection: MongoConnection) {
  const model = bindModel<Installation>(connection, 'Installation', {
    collection: 'catalog_installations',
    fields: {
      listingId: text,
      organizationId: text,
      state: { ...text, enum: [...installationState.states] },
      live: { type: Boolean, required: true },
      suspendedByOperator: { type: Boolean, required: true },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    indexes: [
      [
        { organizationId: 1, listingId: 1 },
        { unique: true, partialFilterExpression: { live: true } },
      ],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, listingId: 1, createdAt: -1, _id: -1 }],
      [{ listingId: 1, createdAt: -1, _id: -1 }],
      [{ listingId: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ state: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
    ],
  })
  return {
    model,
    readByIds: (caller: Caller, ids: readonly string[]): Promise<Installation[]> =>
      findByIds(model, 'Installation', ids, ownedBy(caller)),
    /** The caller's own installations of listings that are not uninstalled. */
    readLive: (caller: Caller, listingIds: readonly string[]): Promise<Installation[]> =>
      model
        .find({ organizationId: caller.organizationId, listingId: { $in: [...listingIds] }, live: true })
        .lean<Installation[]>(),
    readPage(
      caller: Caller,
      args: ConnectionArgs,
      { listingId, state }: InstallationFilter,
    ): Promise<Connection<Installation>> {
      const filter = {
        ...ownedBy(caller),
        ...(listingId === null ? {} : { listingId }),
        ...(state === null ? {} : { state }),
      }
      return readConnection<Installation>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: ({ after, sort, limit }) =>
          model
            .find({ ...filter, ...after })
            .sort({ ...sort })
            .limit(limit)
            .lean<Installation[]>(),
        count: () => model.countDocuments({ state: { $in: [...installationState.states] }, ...filter }),
      })
    },
    byId: (caller: Caller, session: ClientSession, id: string): Promise<Installation | null> =>
      model.findOne({ _id: id, ...ownedBy(caller) }, null, { session }).lean<Installation | null>(),
    isInstalled: async (session: ClientSession, organizationId: string, listingId: string): Promise<boolean> =>
      (await model.exists({ organizationId, listingId, live: true }).session(session)) !== null,
    async insert(session: ClientSession, installation: Installation): Promise<void> {
      await model.insertMany([installation], { session })
    },
    async change(
      session: ClientSession,
      installation: Installation,
      fields: Pick<Installation, 'state' | 'live' | 'suspendedByOperator' | 'updatedAt'>,
    ): Promise<void> {
      noteChange(session, installation, fields)
      const { _id, version } = installation
      await model.updateOne({ _id, version }, { $set: fields, $inc: { version: 1 } }, { session })
    },
  }
}
