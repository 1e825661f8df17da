import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createKeyQueue } from '../../../storage/key-queue.ts'
import { isDuplicateKey } from '../../../storage/mutate.ts'
import type { Period } from '../calendar.ts'
import { moment, optionalText, text } from '../schema-fields.ts'
import { inTransaction } from '../transaction.ts'
import {
  type UsagePiece,
  type UsageRow,
  type UsageSum,
  type UsageTotal,
  startOf,
  totalsOf,
  usageRowId,
} from './usage.ts'

interface UsageBatch {
  readonly _id: string
  readonly receivedAt: Date
}

const batchCollection = 'billing_usage_batches'
/** A gateway sends a batch again within minutes or never. */
const batchKeptSeconds = 7 * 24 * 60 * 60

/** What gateways count of apps, fed in batches: rows of hours, and totals of days and months. */
export function createUsage(connection: Connection) {
  const rowFields = {
    appId: text,
    organizationId: optionalText,
    start: moment,
    callCount: { type: Number, required: true },
    costPoints: { type: Number, required: true },
    errorCount: { type: Number, required: true },
  } as const
  const hours = bindModel<UsageRow>(connection, 'UsageHour', {
    collection: 'billing_usage_hours',
    fields: rowFields,
    indexes: [[{ appId: 1, start: 1 }]],
  })
  const totals = bindModel<UsageTotal>(connection, 'UsageTotal', {
    collection: 'billing_usage_totals',
    fields: { ...rowFields, granularity: { ...text, enum: ['DAY', 'MONTH'] } },
    indexes: [[{ appId: 1, granularity: 1, start: 1 }], [{ organizationId: 1, granularity: 1, start: 1 }]],
  })
  const batches = bindModel<UsageBatch>(connection, 'UsageBatch', {
    collection: batchCollection,
    fields: { receivedAt: moment },
    indexes: [[{ receivedAt: 1 }, { expireAfterSeconds: batchKeptSeconds }]],
  })
  const queue = createKeyQueue()
  const readPiece = ({ granularity, from, to }: UsagePiece, caller: Caller, appIds: readonly string[]) => {
    const own = { appId: { $in: [...appIds] }, start: { $gte: from, $lt: to }, ...ownedBy(caller) }
    return granularity === 'HOUR'
      ? hours.aggregate<UsageSum>([{ $match: own }, ...sums])
      : totals.aggregate<UsageSum>([{ $match: { ...own, granularity } }, ...sums])
  }
  return {
    hours,
    totals,
    batches,
    /** What apps consumed in all pieces together; an app without usage has no row. One query per piece. */
    async readSums(caller: Caller, appIds: readonly string[], pieces: readonly UsagePiece[]): Promise<UsageSum[]> {
      const found = (await Promise.all(pieces.map((piece) => readPiece(piece, caller, appIds)))).flat()
      const byApp = new Map<string, UsageSum>()
      for (const { appId, calls, cost, errors } of found) {
        const sum = byApp.get(appId) ?? { appId, calls: 0, cost: 0, errors: 0 }
        byApp.set(appId, { appId, calls: sum.calls + calls, cost: sum.cost + cost, errors: sum.errors + errors })
      }
      return [...byApp.values()]
    },
    /** An app's calls of the current day and month. */
    async readCurrentCalls(appId: string, now: Date): Promise<{ callsOfDay: number; callsOfMonth: number }> {
      const [day, month] = [usageRowId(appId, 'DAY', now), usageRowId(appId, 'MONTH', now)]
      const rows = await totals
        .find({ _id: { $in: [day, month] } }, { callCount: 1 })
        .lean<{ _id: string; callCount: number }[]>()
      const callsOf = (id: string): number => rows.find(({ _id }) => _id === id)?.callCount ?? 0
      return { callsOfDay: callsOf(day), callsOfMonth: callsOf(month) }
    },
    /** The calls of the current month of all apps of an organization. */
    async readCallsOfOrganization(organizationId: string, now: Date): Promise<number> {
      const rows = await totals
        .find({ organizationId, granularity: 'MONTH', start: startOf('MONTH', now) }, { callCount: 1 })
        .lean<{ callCount: number }[]>()
      return rows.reduce((sum, { callCount }) => sum + callCount, 0)
    },
    /** The month totals of apps, for the invoice run. */
    readMonth: (appIds: readonly string[], period: Period, session: ClientSession): Promise<UsageTotal[]> => {
      const start = new Date(`${period}-01T00:00:00.000Z`)
      const _ids = appIds.map((appId) => usageRowId(appId, 'MONTH', start))
      return totals.find({ _id: { $in: _ids } }, null, { session }).lean<UsageTotal[]>()
    },
    /** Adds a batch, and what else is known of it, in one transaction; false when it was added before. */
    async add(
      batch: {
        readonly id: string
        readonly receivedAt: Date
        readonly appIds: readonly string[]
        readonly hours: readonly UsageRow[]
      },
      alongside: (session: ClientSession) => Promise<void>,
    ): Promise<boolean> {
      try {
        // All batches change the rows of all apps together.
        return await queue.run([...batch.appIds, 'all'], () =>
          inTransaction(connection, async (session) => {
            await batches.insertOne({ _id: batch.id, receivedAt: batch.receivedAt }, { session })
            if (batch.hours.length > 0) {
              await hours.bulkWrite(batch.hours.map(addRow), { session })
              await totals.bulkWrite(totalsOf(batch.hours).map(addRow), { session })
            }
            await alongside(session)
            return true
          }),
        )
      } catch (error) {
        if (isDuplicateKey(error, batchCollection)) return false
        throw error
      }
    },
  }
}

const sums = [
  {
    $group: {
      _id: '$appId',
      calls: { $sum: '$callCount' },
      cost: { $sum: '$costPoints' },
      errors: { $sum: '$errorCount' },
    },
  },
  { $project: { _id: 0, appId: '$_id', calls: 1, cost: 1, errors: 1 } },
]

function addRow({ _id, organizationId, callCount, costPoints, errorCount, ...rest }: UsageRow | UsageTotal) {
  // An app may have called before its subscription was known: its month becomes its organization's with the next call.
  const owner =
    organizationId === null
      ? { $setOnInsert: { organizationId, ...rest } }
      : { $setOnInsert: rest, $set: { organizationId } }
  return {
    updateOne: { filter: { _id }, update: { $inc: { callCount, costPoints, errorCount }, ...owner }, upsert: true },
  }
}
