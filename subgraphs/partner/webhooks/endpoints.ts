import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel, embeddedSchema } from '../../../storage/documents.ts'
import type { AppEnvironment } from '../apps/apps.ts'
import { createDocuments, given } from '../documents.ts'

export type WebhookOrder = 'ENDPOINT' | 'SUBJECT'
export type WebhookStatus = 'ENABLED' | 'DISABLED'
export type WebhookDisabledReason = 'OWNER' | 'RETRIES_EXHAUSTED' | 'GONE' | 'APP_REVOKED'

/** What a signing secret derives from; see `signing-secrets.ts`. */
export interface SigningSecret {
  readonly nonce: string
  readonly createdAt: Date
  /** When it is no longer signed with; null for the newest. */
  readonly expiresAt: Date | null
}

/** Where events of an app are posted. */
export interface WebhookEndpoint {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  /** Whether its organization is the platform, which may learn of every event. */
  readonly operator: boolean
  readonly environment: AppEnvironment
  readonly url: string
  readonly description: string
  /** Empty for all types that the app may read. */
  readonly types: readonly string[]
  /** A query that is run for each event, and the variables that it declares. */
  readonly selection: string | null
  readonly selectionVariables: readonly string[]
  readonly order: WebhookOrder
  readonly status: WebhookStatus
  readonly disabledReason: WebhookDisabledReason | null
  readonly disabledAt: Date | null
  /** Newest last. */
  readonly secrets: readonly SigningSecret[]
  readonly createdAt: Date
  readonly version: number
}

export interface EndpointFilter {
  readonly appId?: string | null
  readonly organizationId?: string | null
  readonly status?: WebhookStatus | null
}

const text = { type: String, required: true } as const
const texts = { type: [String], required: true } as const
const secret = embeddedSchema<SigningSecret>({
  nonce: text,
  createdAt: { type: Date, required: true },
  expiresAt: { type: Date, default: null },
})

/** The endpoints of apps; how far each was delivered to is kept apart, in `progress.ts`, because it changes all the time. */
export function createWebhookEndpoints(connection: Connection) {
  const model = bindModel<WebhookEndpoint>(connection, 'WebhookEndpoint', {
    collection: 'partner_webhook_endpoints',
    fields: {
      appId: text,
      organizationId: text,
      operator: { type: Boolean, required: true },
      environment: { ...text, enum: ['LIVE', 'SANDBOX'] },
      url: text,
      // Mongoose takes an empty text for a missing one.
      description: { type: String, default: '' },
      types: texts,
      selection: { type: String, default: null },
      selectionVariables: texts,
      order: { ...text, enum: ['ENDPOINT', 'SUBJECT'] },
      status: { ...text, enum: ['ENABLED', 'DISABLED'] },
      disabledReason: { type: String, default: null },
      disabledAt: { type: Date, default: null },
      secrets: { type: [secret], required: true },
      createdAt: { type: Date, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ appId: 1, createdAt: -1, _id: -1 }],
      [{ organizationId: 1, createdAt: -1, _id: -1 }],
      [{ status: 1, createdAt: -1, _id: -1 }],
      [{ createdAt: -1, _id: -1 }],
    ],
  })
  const documents = createDocuments(model, 'WebhookEndpoint')
  return {
    ...documents,
    list: (caller: Caller, { appId, organizationId, status, ...page }: ConnectionArgs & EndpointFilter) =>
      documents.page(caller, page, {
        filter: given({ appId, organizationId, status }),
        sortField: 'createdAt',
        direction: -1,
      }),
    readByApps: (caller: Caller, appIds: readonly string[]): Promise<WebhookEndpoint[]> =>
      model
        .find({ appId: { $in: [...appIds] }, ...ownedBy(caller) })
        .sort({ createdAt: -1, _id: -1 })
        .lean<WebhookEndpoint[]>(),
    countOfApp: (session: ClientSession, appId: string): Promise<number> =>
      model.countDocuments({ appId }, { session }),
    /** For the worker, which works for all organizations. */
    read: (id: string): Promise<WebhookEndpoint | null> => model.findById(id).lean<WebhookEndpoint>(),
    /** What the worker needs of each endpoint to know whom an event concerns. */
    enabled: (): Promise<Pick<WebhookEndpoint, '_id' | 'organizationId' | 'operator' | 'types'>[]> =>
      model.find({ status: 'ENABLED' }, { organizationId: 1, operator: 1, types: 1 }).lean(),
    async remove(session: ClientSession, id: string): Promise<void> {
      await model.deleteOne({ _id: id }, { session })
    },
  }
}
