import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'
import { type StoredValue, storedValues } from '../extra-fields/stored-values.ts'

export type AppEnvironment = 'LIVE' | 'SANDBOX'
export type AppStatus = 'ACTIVE' | 'REVOKED'
export type AppClientType = 'CONFIDENTIAL' | 'PUBLIC'

export interface App {
  readonly _id: string
  readonly organizationId: string
  readonly name: string
  readonly description: string
  readonly environment: AppEnvironment
  readonly status: AppStatus
  readonly scopes: readonly string[]
  /** Scopes of published subgraphs, by id; absent in apps from before there were any. */
  readonly grants?: readonly string[]
  readonly redirectUris: readonly string[]
  /** Absent in apps from before there were public ones: those are confidential. */
  readonly clientType?: AppClientType
  readonly extraFields: readonly StoredValue[]
  readonly words: readonly string[]
  readonly revokedAt: Date | null
  readonly revokedReason: string | null
  /** Grows with every new key, so that of two that are made at once the second counts the first. */
  readonly revision: number
  readonly createdAt: Date
  readonly version: number
}

export interface AppFilter {
  readonly organizationId?: string | null
  readonly status?: AppStatus | null
  readonly environment?: AppEnvironment | null
  /** The id of a declared scope that it was granted. */
  readonly grants?: string | null
  readonly search?: string | null
}

const text = { type: String, required: true } as const
const texts = { type: [String], required: true } as const

/** The programs of partners. */
export function createApps(connection: Connection) {
  const model = bindModel<App>(connection, 'App', {
    collection: 'partner_apps',
    fields: {
      organizationId: text,
      name: text,
      // Mongoose takes an empty text for a missing one.
      description: { type: String, default: '' },
      environment: { ...text, enum: ['LIVE', 'SANDBOX'] },
      status: { ...text, enum: ['ACTIVE', 'REVOKED'] },
      scopes: texts,
      grants: { type: [String], default: undefined },
      redirectUris: texts,
      clientType: { type: String, enum: ['CONFIDENTIAL', 'PUBLIC'] },
      extraFields: storedValues,
      words: texts,
      revokedAt: { type: Date, default: null },
      revokedReason: { type: String, default: null },
      revision: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ organizationId: 1, name: 1, _id: 1 }],
      [{ organizationId: 1, status: 1 }],
      [{ organizationId: 1, words: 1 }],
      [{ name: 1, _id: 1 }],
      [{ status: 1, name: 1, _id: 1 }],
      [{ environment: 1, name: 1, _id: 1 }],
      [{ words: 1 }],
      [{ grants: 1, name: 1, _id: 1 }, { partialFilterExpression: { grants: { $exists: true } } }],
    ],
  })
  const documents = createDocuments(model, 'App')
  return {
    ...documents,
    list: (caller: Caller, args: ConnectionArgs & AppFilter) =>
      documents.page(caller, args, {
        filter: appCondition(args),
        search: args.search,
        sortField: 'name',
        direction: 1,
      }),
    countActive: (session: ClientSession, organizationId: string): Promise<number> =>
      model.countDocuments({ organizationId, status: 'ACTIVE' }, { session }),
    /** An active app whoever owns it: a person may let any app act, whose id is no secret. */
    findActive: (session: ClientSession, id: string): Promise<App | null> =>
      model.findOne({ _id: id, status: 'ACTIVE' }, null, { session }).lean<App>(),
    /** Makes the transaction conflict with every other one that makes a key of the app or revokes the app. */
    async touch(session: ClientSession, id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $inc: { revision: 1 } }, { session })
    },
    /** Pages of apps by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<App>({
        model,
        parentField: 'organizationId',
        sortField: 'name',
        direction: 1,
        filter: ownedBy(caller),
      }),
  }
}

/** Whether an app can keep a secret. */
export function clientTypeOf({ clientType }: App): AppClientType {
  return clientType ?? 'CONFIDENTIAL'
}

/** The condition of a filter. */
export function appCondition({ organizationId, status, environment, grants }: AppFilter) {
  return given({ organizationId, status, environment, grants })
}
