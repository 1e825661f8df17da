import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'

/** How far an endpoint was delivered to, and who is at it: one document per endpoint, which only the worker's turns and a few commands change. */
export interface WebhookProgress {
  readonly _id: string
  /** All events up to here were delivered, are open as deliveries, or are none of the endpoint's. */
  readonly position: number
  /** Grows when the place is set by a command, so that a turn that began before changes nothing any more. */
  readonly generation: number
  /** When something that is open has to be tried; null while nothing is. */
  readonly retryAt: Date | null
  /** When a command wants the endpoint to be looked at. Apart from `retryAt`, which a turn that began before writes anew. */
  readonly wakeAt: Date | null
  /** Whether the last attempt failed: such an endpoint must not take the place of others. */
  readonly failing: boolean
  /** Whose turn it is and until when. */
  readonly turn: string | null
  readonly turnUntil: Date
}

const longAgo = new Date(0)

export function createWebhookProgress(connection: Connection) {
  const model = bindModel<WebhookProgress>(connection, 'WebhookProgress', {
    collection: 'partner_webhook_progress',
    fields: {
      position: { type: Number, required: true },
      generation: { type: Number, required: true },
      retryAt: { type: Date, default: null },
      wakeAt: { type: Date, default: null },
      failing: { type: Boolean, required: true },
      turn: { type: String, default: null },
      turnUntil: { type: Date, required: true },
    },
    indexes: [[{ retryAt: 1 }], [{ wakeAt: 1 }]],
  })
  return {
    model,
    async begin(session: ClientSession, id: string, position: number): Promise<void> {
      const fresh = {
        position,
        generation: 0,
        retryAt: null,
        wakeAt: null,
        failing: false,
        turn: null,
        turnUntil: longAgo,
      }
      await model.insertMany([{ _id: id, ...fresh }], { session })
    },
    read: (id: string): Promise<WebhookProgress | null> => model.findById(id).lean<WebhookProgress>(),
    readMany: (ids: readonly string[]): Promise<WebhookProgress[]> =>
      model.find({ _id: { $in: [...ids] } }).lean<WebhookProgress[]>(),
    /** Has a worker look soon, also when a turn is under way that has read what is open before. */
    async wake(session: ClientSession, id: string, at: Date): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { wakeAt: at } }, { session })
    },
    /** Sets the place; what a turn is at it at this moment is void. */
    async moveTo(session: ClientSession, id: string, { position, at }: { position: number; at: Date }): Promise<void> {
      const set = { position, retryAt: null, wakeAt: at, failing: false, turn: null, turnUntil: longAgo }
      await model.updateOne({ _id: id }, { $set: set, $inc: { generation: 1 } }, { session })
    },
    async remove(session: ClientSession, id: string): Promise<void> {
      await model.deleteOne({ _id: id }, { session })
    },
    /** Endpoints where something is due and nobody is at it. */
    async due(now: Date, limit: number): Promise<Pick<WebhookProgress, '_id' | 'failing'>[]> {
      const find = (field: 'retryAt' | 'wakeAt') =>
        model
          .find({ [field]: { $ne: null, $lte: now }, turnUntil: { $lte: now } }, { failing: 1 })
          .sort({ [field]: 1 })
          .limit(limit)
          .lean<Pick<WebhookProgress, '_id' | 'failing'>[]>()
      return (await Promise.all([find('wakeAt'), find('retryAt')])).flat()
    },
    /** Takes the turn; null while another process has it. */
    take: (id: string, turn: string, { now, until }: { now: Date; until: Date }): Promise<WebhookProgress | null> =>
      model
        .findOneAndUpdate(
          // One that ends far ahead was taken by a clock that was wrong.
          {
            _id: id,
            $or: [{ turnUntil: { $lte: now } }, { turnUntil: { $gt: new Date(until.getTime() + 600_000) } }],
          },
          { $set: { turn, turnUntil: until, wakeAt: null } },
          { returnDocument: 'after' },
        )
        .lean<WebhookProgress>(),
    /** False where the turn was lost. */
    async prolong(id: string, turn: string, until: Date): Promise<boolean> {
      return (await model.updateOne({ _id: id, turn }, { $set: { turnUntil: until } })).matchedCount > 0
    },
    async leave(id: string, turn: string): Promise<void> {
      await model.updateOne({ _id: id, turn }, { $set: { turn: null, turnUntil: longAgo } })
    },
    /** Writes down what a round has done, in its transaction; false where the turn was lost meanwhile. */
    async record(
      session: ClientSession,
      { _id, turn, generation }: Pick<WebhookProgress, '_id' | 'turn' | 'generation'>,
      done: Pick<WebhookProgress, 'position' | 'retryAt' | 'failing'>,
    ): Promise<boolean> {
      return (await model.updateOne({ _id, turn, generation }, { $set: done }, { session })).matchedCount > 0
    },
  }
}
