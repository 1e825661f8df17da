import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { bindModel } from '../../../storage/documents.ts'
import type { Period } from '../calendar.ts'
import { moment, text, wholeNumber } from '../schema-fields.ts'
import { type Granularity, granularities, startOf, usageRowId } from './usage.ts'
import type { UsageEvent } from './usage-event.ts'

/** What a meter of an app counted in an hour, a day or a month. */
export interface MeterTotal {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string
  readonly meter: string
  readonly granularity: Granularity
  readonly start: Date
  readonly quantity: number
}

/** An accepted report of usage: how much of it was new. */
export interface UsageReport {
  readonly _id: string
  readonly accepted: number
  readonly duplicates: number
  readonly receivedAt: Date
}

/** Longer than a repeat could be accepted, see `late-usage.ts`. */
const eventKeptSeconds = 14 * 24 * 60 * 60
const reportKeptSeconds = 8 * 24 * 60 * 60

/** Usage events, each counted once, and what they come to. */
export function createMeters(connection: Connection) {
  const events = bindModel<UsageEvent>(connection, 'UsageEvent', {
    collection: 'billing_usage_events',
    fields: {
      source: text,
      eventId: text,
      appId: text,
      organizationId: text,
      meter: text,
      quantity: wholeNumber,
      time: moment,
      receivedAt: moment,
    },
    indexes: [
      [{ source: 1, eventId: 1 }, { unique: true }],
      [{ receivedAt: 1 }, { expireAfterSeconds: eventKeptSeconds }],
    ],
  })
  const totals = bindModel<MeterTotal>(connection, 'MeterTotal', {
    collection: 'billing_meter_totals',
    fields: {
      appId: text,
      organizationId: text,
      meter: text,
      granularity: { ...text, enum: granularities },
      start: moment,
      quantity: wholeNumber,
    },
    indexes: [[{ appId: 1, granularity: 1, start: 1, meter: 1 }]],
  })
  const reports = bindModel<UsageReport>(connection, 'UsageReport', {
    collection: 'billing_usage_reports',
    fields: { accepted: wholeNumber, duplicates: wholeNumber, receivedAt: moment },
    indexes: [[{ receivedAt: 1 }, { expireAfterSeconds: reportKeptSeconds }]],
  })
  return {
    events,
    totals,
    reports,
    /** Counts those of the events that are new, in three commands however many there are; answers how many were. */
    async count(candidates: readonly UsageEvent[], session: ClientSession): Promise<number> {
      const ids = candidates.map(({ _id }) => _id)
      const known = await events.find({ _id: { $in: ids } }, { _id: 1 }, { session }).lean<{ _id: string }[]>()
      const counted = new Set(known.map(({ _id }) => _id))
      const fresh = candidates.filter(({ _id }) => !counted.has(_id))
      if (fresh.length === 0) return 0
      // One that another transaction inserts at this moment makes this one conflict and run again.
      await events.insertMany(fresh, { session, lean: true })
      await totals.bulkWrite(meterTotalsOf(fresh).map(addTotal), { session })
      return fresh.length
    },
    async report(report: UsageReport, session: ClientSession): Promise<void> {
      await reports.insertOne(report, { session })
    },
    readReports: (ids: readonly string[]): Promise<UsageReport[]> =>
      reports.find({ _id: { $in: [...ids] } }).lean<UsageReport[]>(),
    /** What all meters of apps counted in a month. */
    readMonth: (
      appIds: readonly string[],
      period: Period,
      options: { readonly caller?: Caller; readonly session?: ClientSession } = {},
    ): Promise<MeterTotal[]> =>
      totals
        .find(
          {
            appId: { $in: [...appIds] },
            granularity: 'MONTH',
            start: new Date(`${period}-01T00:00:00.000Z`),
            ...(options.caller ? ownedBy(options.caller) : {}),
          },
          null,
          { session: options.session ?? null },
        )
        .sort({ meter: 1 })
        // An invoice must not miss any; what a page of apps shows has a bound.
        .limit(options.session ? 0 : 10_000)
        .lean<MeterTotal[]>(),
  }
}

/** What events add to the rows of their hours, days and months; one entry per row. */
function meterTotalsOf(events: readonly UsageEvent[]): MeterTotal[] {
  const rows = new Map<string, MeterTotal>()
  for (const { appId, organizationId, meter, quantity, time } of events) {
    for (const granularity of granularities) {
      const _id = `${usageRowId(appId, granularity, time)}:${meter}`
      const before = rows.get(_id)?.quantity ?? 0
      const start = startOf(granularity, time)
      rows.set(_id, { _id, appId, organizationId, meter, granularity, start, quantity: before + quantity })
    }
  }
  return [...rows.values()]
}

function addTotal({ _id, quantity, ...rest }: MeterTotal) {
  return { updateOne: { filter: { _id }, update: { $inc: { quantity }, $setOnInsert: rest }, upsert: true } }
}
