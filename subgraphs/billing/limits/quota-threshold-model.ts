import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { moment } from '../schema-fields.ts'

/** A part of a quota that was reached in a period, told once. */
interface QuotaThreshold {
  /** Whose quota, which, in which period, and how much of it. */
  readonly _id: string
  readonly at: Date
}

/** A gateway tells of a threshold within its period, which is a month at most, and soon after. */
const keptSeconds = 62 * 24 * 60 * 60

/** Which thresholds have become events already. */
export function createQuotaThresholds(connection: Connection) {
  const model = bindModel<QuotaThreshold>(connection, 'QuotaThreshold', {
    collection: 'billing_quota_thresholds',
    fields: { at: moment },
    indexes: [[{ at: 1 }, { expireAfterSeconds: keptSeconds }]],
  })
  return {
    model,
    /** Those of the ids that were told before. */
    async findKnown(ids: readonly string[], session: ClientSession): Promise<ReadonlySet<string>> {
      const found = await model.find({ _id: { $in: [...ids] } }, { _id: 1 }, { session }).lean<{ _id: string }[]>()
      return new Set(found.map(({ _id }) => _id))
    },
    async insert(thresholds: readonly QuotaThreshold[], session: ClientSession): Promise<void> {
      await model.insertMany(thresholds, { session })
    },
  }
}
