import type { Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'
import { isDuplicateKey } from '../../../storage/mutate.ts'

/** What an app consumed in one hour. */
export interface UsageHour {
  /** The app and the hour, so that there is one document of each. */
  readonly _id: string
  readonly appId: string
  /** Null for an app without a subscription, whose usage only the operator sees. */
  readonly organizationId: string | null
  readonly hour: Date
  readonly callCount: number
  readonly costPoints: number
  readonly errorCount: number
}

export interface UsageTotals {
  readonly appId: string
  readonly calls: number
  readonly cost: number
  readonly errors: number
}

interface UsageBatch {
  readonly _id: string
  readonly receivedAt: Date
}

const batchCollection = 'billing_usage_batches'
/** A gateway sends a batch again within minutes or never. */
const batchKeptSeconds = 7 * 24 * 60 * 60

export const usageHourId = (appId: string, hour: Date): string => `${appId}:${hour.toISOString()}`

/** Hourly usage, fed by gateways in batches. */
export function createUsage(connection: Connection) {
  const hours = bindModel<UsageHour>(connection, 'UsageHour', {
    collection: 'billing_usage_hours',
    fields: {
      appId: { type: String, required: true },
      organizationId: { type: String, default: null },
      hour: { type: Date, required: true },
      callCount: { type: Number, required: true },
      costPoints: { type: Number, required: true },
      errorCount: { type: Number, required: true },
    },
    indexes: [[{ appId: 1, hour: 1 }]],
  })
  const batches = bindModel<UsageBatch>(connection, 'UsageBatch', {
    collection: batchCollection,
    fields: { receivedAt: { type: Date, required: true } },
    indexes: [[{ receivedAt: 1 }, { expireAfterSeconds: batchKeptSeconds }]],
  })
  return {
    hours,
    batches,
    /** Totals of apps from one moment to another, which is not included; an app without usage has no row. */
    readTotals: (
      caller: Caller,
      appIds: readonly string[],
      span: { readonly from: Date; readonly to: Date },
    ): Promise<UsageTotals[]> =>
      hours.aggregate<UsageTotals>([
        { $match: { appId: { $in: [...appIds] }, hour: { $gte: span.from, $lt: span.to }, ...ownedBy(caller) } },
        {
          $group: {
            _id: '$appId',
            calls: { $sum: '$callCount' },
            cost: { $sum: '$costPoints' },
            errors: { $sum: '$errorCount' },
          },
        },
        { $project: { _id: 0, appId: '$_id', calls: 1, cost: 1, errors: 1 } },
      ]),
    /** Adds a batch in one transaction; false when it was added before. */
    async add(batch: { id: string; receivedAt: Date; hours: readonly UsageHour[] }): Promise<boolean> {
      const session = await connection.startSession()
      try {
        return await session.withTransaction(async () => {
          await batches.create([{ _id: batch.id, receivedAt: batch.receivedAt }], { session })
          await hours.bulkWrite(batch.hours.map(addHour), { session })
          return true
        })
      } catch (error) {
        if (isDuplicateKey(error, batchCollection)) return false
        throw error
      } finally {
        await session.endSession()
      }
    },
  }
}

function addHour({ _id, appId, organizationId, hour, callCount, costPoints, errorCount }: UsageHour) {
  return {
    updateOne: {
      filter: { _id },
      update: { $inc: { callCount, costPoints, errorCount }, $setOnInsert: { appId, organizationId, hour } },
      upsert: true,
    },
  }
}
