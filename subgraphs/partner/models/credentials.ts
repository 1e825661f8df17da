import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'

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
}

/** The keys of apps. */
export function createCredentials(connection: Connection) {
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
    },
    indexes: [[{ keyHash: 1 }, { unique: true }], [{ appId: 1, createdAt: -1, _id: -1 }]],
  })
  return {
    model,
    readByApps: (caller: Caller, appIds: readonly string[]): Promise<AppCredential[]> =>
      model
        .find({ appId: { $in: [...appIds] }, ...ownedBy(caller) })
        .sort({ createdAt: -1, _id: -1 })
        .lean<AppCredential[]>(),
    /** Unlike other reads not narrowed by a caller: it is how a gateway finds out who calls. */
    findByKeyHash: (appId: string, keyHash: string): Promise<AppCredential | null> =>
      model.findOne({ keyHash, appId }).lean<AppCredential>(),
    /** Moves the time of last use forward, never back, whichever of several gateways writes last. */
    markUsed: async (id: string, at: Date): Promise<void> => {
      await model.updateOne({ _id: id }, { $max: { lastUsedAt: at } })
    },
  }
}
