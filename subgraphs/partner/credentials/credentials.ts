import type { ClientSession, Connection } from 'mongoose'
import { appKeyFromBytes, appKeyPrefix, hashAppKey } from '../../../kit/app-key.ts'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'
import type { AppEnvironment } from '../apps/apps.ts'
import { createDocuments } from '../documents.ts'

/** One key of an app. The key itself is not stored, only its keyed hash. */
export interface AppCredential {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  readonly keyHash: string
  readonly prefix: string
  readonly label: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
  /** Whether its end has been told: false until the timer has come by. */
  readonly lapsed: boolean
  readonly version: number
}

/** The key made of random bytes, as its app's environment asks for. */
export function keyFor(environment: AppEnvironment, bytes: Uint8Array): string {
  return appKeyFromBytes(environment === 'LIVE' ? 'live' : 'test', bytes)
}

/** The keys of apps; `hashSecret` is that of the gateway, which finds a key by the same hash. */
export function createCredentials(connection: Connection, hashSecret: () => Buffer) {
  const model = bindModel<AppCredential>(connection, 'AppCredential', {
    collection: 'partner_app_credentials',
    fields: {
      appId: { type: String, required: true },
      organizationId: { type: String, required: true },
      keyHash: { type: String, required: true },
      prefix: { type: String, required: true },
      label: { type: String, required: true },
      createdAt: { type: Date, required: true },
      expiresAt: { type: Date, default: null },
      revokedAt: { type: Date, default: null },
      lastUsedAt: { type: Date, default: null },
      lapsed: { type: Boolean, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ keyHash: 1 }, { unique: true }],
      [{ appId: 1, createdAt: -1, _id: -1 }],
      [{ lapsed: 1, expiresAt: 1 }],
    ],
  })
  return {
    ...createDocuments(model, 'AppCredential'),
    /** What is stored of a key. */
    stored: (key: string) => ({ keyHash: hashAppKey(hashSecret(), key), prefix: appKeyPrefix(key) }),
    readByApps: (caller: Caller, appIds: readonly string[]): Promise<AppCredential[]> =>
      model
        .find({ appId: { $in: [...appIds] }, ...ownedBy(caller) })
        .sort({ createdAt: -1, _id: -1 })
        .lean<AppCredential[]>(),
    /** All keys of an app, newest first; few, because `remove` keeps them so. */
    ofApp: (session: ClientSession, appId: string): Promise<AppCredential[]> =>
      model.find({ appId }, null, { session, sort: { createdAt: -1, _id: -1 } }).lean<AppCredential[]>(),
    async remove(session: ClientSession, ids: readonly string[]): Promise<void> {
      await model.deleteMany({ _id: { $in: [...ids] } }, { session })
    },
    /** Unlike other reads not narrowed by a caller: it is how a gateway finds out who calls. */
    findByKeyHash: (appId: string, keyHash: string): Promise<AppCredential | null> =>
      model.findOne({ keyHash, appId }).lean<AppCredential>(),
    /** Moves the time of last use forward, never back, whichever of several gateways writes last. */
    markUsed: async (id: string, at: Date): Promise<void> => {
      await model.updateOne({ _id: id }, { $max: { lastUsedAt: at } })
    },
  }
}
