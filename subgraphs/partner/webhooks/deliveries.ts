import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import { bindModel, embeddedSchema } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'

export type DeliveryStatus = 'PENDING' | 'DELIVERED' | 'FAILED' | 'SKIPPED'
export type DeliveryCause = 'EVENT' | 'RESEND' | 'TEST'

/** One post, and what came of it. */
export interface DeliveryAttempt {
  readonly at: Date
  readonly durationMs: number
  /** Null where no response came. */
  readonly status: number | null
  /** Why no response came, in a word. */
  readonly error: string | null
  /** The beginning of the response. */
  readonly response: string
}

/** One event for one endpoint. */
export interface WebhookDelivery {
  readonly _id: string
  readonly endpointId: string
  readonly appId: string
  readonly organizationId: string
  readonly cause: DeliveryCause
  /** The whole event: the log may let go of it before the last attempt. */
  readonly event: DomainEvent
  readonly eventId: string
  readonly type: string
  readonly subject: string
  readonly position: number
  readonly status: DeliveryStatus
  /** Whether there is more to be done about it: by a further attempt, or once the endpoint is enabled again. */
  readonly open: boolean
  /** How many attempts were made on the schedule that is under way. */
  readonly tried: number
  readonly attempts: readonly DeliveryAttempt[]
  /** When it is tried next; null while it waits behind another one, and when it is not to be tried. */
  readonly nextAt: Date | null
  /** Why it has to wait without an attempt, for example because the app is throttled. */
  readonly note: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
  readonly version: number
}

export interface DeliveryFilter {
  readonly status?: DeliveryStatus | null
  readonly type?: string | null
  readonly eventId?: string | null
}

const keptSeconds = 30 * 24 * 60 * 60
const text = { type: String, required: true } as const
const attempt = embeddedSchema<DeliveryAttempt>({
  at: { type: Date, required: true },
  durationMs: { type: Number, required: true },
  status: { type: Number, default: null },
  error: { type: String, default: null },
  response: { type: String, default: '' },
})

/** What was sent to endpoints. What has ended is kept for thirty days. */
export function createWebhookDeliveries(connection: Connection) {
  const model = bindModel<WebhookDelivery>(connection, 'WebhookDelivery', {
    collection: 'partner_webhook_deliveries',
    fields: {
      endpointId: text,
      appId: text,
      organizationId: text,
      cause: { ...text, enum: ['EVENT', 'RESEND', 'TEST'] },
      event: { type: Object, required: true },
      eventId: text,
      type: text,
      subject: text,
      position: { type: Number, required: true },
      status: { ...text, enum: ['PENDING', 'DELIVERED', 'FAILED', 'SKIPPED'] },
      open: { type: Boolean, required: true },
      tried: { type: Number, required: true },
      attempts: { type: [attempt], required: true },
      nextAt: { type: Date, default: null },
      note: { type: String, default: null },
      createdAt: { type: Date, required: true },
      endedAt: { type: Date, default: null },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ endpointId: 1, createdAt: -1, _id: -1 }],
      [{ endpointId: 1, status: 1, createdAt: -1, _id: -1 }],
      [{ endpointId: 1, type: 1, createdAt: -1, _id: -1 }],
      [{ endpointId: 1, eventId: 1 }],
      [{ endpointId: 1, open: 1, position: 1, _id: 1 }],
      [{ endedAt: 1 }, { expireAfterSeconds: keptSeconds }],
    ],
  })
  const documents = createDocuments(model, 'WebhookDelivery')
  return {
    ...documents,
    ofEndpoint: (
      caller: Caller,
      endpointId: string,
      { status, type, eventId, ...page }: ConnectionArgs & DeliveryFilter,
    ) =>
      documents.page(caller, page, {
        filter: { endpointId, ...given({ status, type, eventId }) },
        sortField: 'createdAt',
        direction: -1,
      }),
    /** What has still to be done, in the order of the log. */
    openOf: (endpointId: string, limit: number): Promise<WebhookDelivery[]> =>
      model.find({ endpointId, open: true }).sort({ position: 1, _id: 1 }).limit(limit).lean<WebhookDelivery[]>(),
    /** Writes new and changed deliveries with one command. */
    async write(session: ClientSession, deliveries: readonly WebhookDelivery[]): Promise<void> {
      if (deliveries.length === 0) return
      await model.bulkWrite(
        deliveries.map((delivery) => ({
          replaceOne: { filter: { _id: delivery._id }, replacement: delivery, upsert: true },
        })),
        { session },
      )
    },
    /** Begins the schedule anew for what an endpoint has failed to take. */
    async retryFailed(session: ClientSession, endpointId: string, now: Date): Promise<void> {
      await model.updateMany(
        { endpointId, open: true, cause: 'EVENT' },
        { $set: { status: 'PENDING', tried: 0, nextAt: now }, $inc: { version: 1 } },
        { session },
      )
    },
    /** Gives up what is open, because the endpoint is told to go on elsewhere. */
    async skipOpen(session: ClientSession, endpointId: string, now: Date): Promise<void> {
      await model.updateMany(
        { endpointId, open: true, cause: 'EVENT' },
        { $set: { status: 'SKIPPED', open: false, nextAt: null, endedAt: now }, $inc: { version: 1 } },
        { session },
      )
    },
    async removeOf(session: ClientSession, endpointId: string): Promise<void> {
      await model.deleteMany({ endpointId }, { session })
    },
  }
}
