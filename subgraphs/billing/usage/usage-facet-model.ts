import { type ClientSession, type Connection, type Model, Schema } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { latencyBuckets } from '../../../kit/latency-histogram.ts'
import { moment, optionalText, text } from '../schema-fields.ts'
import { type UsageCounts, increments, mergeRows, sumFields } from './usage-counts.ts'
import {
  type CoordinateRow,
  type CountedCoordinate,
  type CountedPart,
  type CountedRecord,
  type OutcomeOfAll,
  type OutcomeRow,
  type PartRow,
  coordinateRow,
  outcomeRows,
  outcomeRowsOfAll,
  partRow,
  usageOutcomes,
} from './usage-facet.ts'
import { granularities } from './usage.ts'

/** Somebody for whom an app was seen to call. */
export interface AppEndUser {
  readonly _id: string
  readonly appId: string
  readonly organizationId: string | null
  readonly endUserId: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly calls: number
  readonly cost: number
}

export type FacetCollection = 'outcomes' | 'ofAll' | 'coordinates' | 'endUsers'

/** A group as the database sums it up; `_id` holds what was grouped by. */
export type FacetSum = {
  readonly _id: Readonly<Record<string, unknown>>
  readonly rows: number
  /** The beginning of the latest hour, day or month among them. */
  readonly last: Date
} & Readonly<Record<string, unknown>>

/** Stands for those for whom a gateway had no room. */
const otherKey = '(other)'
/** Coordinates and end users are told of for so long; hours, days and months by outcome are kept. */
const partsKeptSeconds = 400 * 24 * 60 * 60

const counted = { type: Number, required: true } as const
const countFields = {
  operations: counted,
  calls: counted,
  cost: counted,
  failures: counted,
  events: counted,
  latency: { type: Schema.Types.Mixed },
} as const
const ownerFields = { appId: text, organizationId: optionalText, environment: text } as const
const outcomeFields = {
  ...countFields,
  start: moment,
  contract: optionalText,
  granularity: { ...text, enum: granularities },
  outcome: { ...text, enum: usageOutcomes },
  code: optionalText,
} as const

const partFields = { ...countFields, ...ownerFields, start: moment, key: text } as const
const partIndexes = [
  [{ appId: 1, start: 1 }],
  [{ organizationId: 1, start: 1 }],
  [{ key: 1, start: 1 }],
  [{ start: 1 }, { expireAfterSeconds: partsKeptSeconds }],
] as const

/** Usage by outcome, coordinate and end user: what reports are made of. Invoices and limits read `usage-model.ts`. */
export function createUsageFacets(connection: Connection) {
  const outcomes = bindModel<OutcomeRow>(connection, 'UsageOutcome', {
    collection: 'billing_usage_outcomes',
    fields: { ...outcomeFields, ...ownerFields },
    indexes: [
      [{ appId: 1, granularity: 1, start: 1 }],
      [{ organizationId: 1, granularity: 1, start: 1 }],
      [{ contract: 1, granularity: 1, start: 1 }],
      [{ granularity: 1, start: 1 }],
    ],
  })
  const ofAll = bindModel<OutcomeOfAll>(connection, 'UsageOfAll', {
    collection: 'billing_usage_of_all',
    fields: outcomeFields,
    indexes: [[{ granularity: 1, start: 1 }]],
  })
  const coordinates = bindModel<CoordinateRow>(connection, 'UsageCoordinate', {
    collection: 'billing_usage_coordinates',
    fields: { ...partFields, contract: optionalText },
    indexes: [...partIndexes, [{ contract: 1, start: 1 }]],
  })
  const endUsers = bindModel<PartRow>(connection, 'UsageEndUser', {
    collection: 'billing_usage_end_users',
    fields: partFields,
    indexes: partIndexes,
  })
  const people = bindModel<AppEndUser>(connection, 'AppEndUser', {
    collection: 'billing_app_end_users',
    fields: {
      appId: text,
      organizationId: optionalText,
      endUserId: text,
      firstSeenAt: moment,
      lastSeenAt: moment,
      calls: counted,
      cost: counted,
    },
    indexes: [[{ appId: 1, lastSeenAt: -1, _id: -1 }]],
  })
  const collections = { outcomes, ofAll, coordinates, endUsers } as const
  return {
    ...collections,
    people,
    /** Adds a batch in the transaction that also adds what is billed. */
    async add(
      batch: {
        readonly records: readonly CountedRecord[]
        readonly coordinates: readonly CountedCoordinate[]
        readonly endUsers: readonly CountedPart[]
      },
      session: ClientSession,
    ): Promise<void> {
      await addRows(outcomes, mergeRows(batch.records.flatMap(outcomeRows)), session)
      await addRows(ofAll, mergeRows(batch.records.flatMap(outcomeRowsOfAll)), session)
      await addRows(coordinates, mergeRows(batch.coordinates.map(coordinateRow)), session)
      await addRows(endUsers, mergeRows(batch.endUsers.map(partRow)), session)
      const seen = batch.endUsers.filter(({ key }) => key !== otherKey)
      if (seen.length > 0) await people.bulkWrite(seen.map(see), { session })
    },
    /** Sums of the first so many rows that match, by fields. */
    sum: (
      collection: FacetCollection,
      match: Readonly<Record<string, unknown>>,
      by: { readonly fields: readonly string[]; readonly most: number; readonly latency: boolean },
    ): Promise<FacetSum[]> =>
      (collections[collection] as unknown as Model<{ _id: string }>).aggregate<FacetSum>([
        { $match: { ...match } },
        { $limit: by.most },
        {
          $group: {
            _id: Object.fromEntries(by.fields.map((field) => [field, `$${field}`])),
            rows: { $sum: 1 },
            last: { $max: '$start' },
            ...(by.latency
              ? latencySums
              : Object.fromEntries(sumFields.map((field) => [field, { $sum: `$${field}` }]))),
          },
        },
      ]),
    /** The end users of apps, the latest first. */
    createPeoplePages: (caller: Caller) =>
      createChildConnections<AppEndUser>({
        model: people,
        parentField: 'appId',
        sortField: 'lastSeenAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
  }
}

const latencySums = Object.fromEntries(
  Array.from({ length: latencyBuckets }, (_, bucket) => [`b${bucket}`, { $sum: `$latency.b${bucket}` }]),
)

async function addRows<Row extends UsageCounts & { readonly _id: string }>(
  model: Model<Row>,
  rows: readonly Row[],
  session: ClientSession,
): Promise<void> {
  if (rows.length === 0) return
  const writes = rows.map(({ _id, operations, calls, cost, failures, events, latency, ...rest }) => {
    const { organizationId, ...fixed } = rest as { readonly organizationId?: string | null }
    // An app may have called before its subscription was known: its row is its organization's from the next call on.
    const owner =
      organizationId == null
        ? { $setOnInsert: organizationId === null ? { ...fixed, organizationId } : fixed }
        : { $setOnInsert: fixed, $set: { organizationId } }
    const $inc = increments({ operations, calls, cost, failures, events, latency })
    return { updateOne: { filter: { _id }, update: { $inc, ...owner }, upsert: true } }
  })
  await (model as unknown as Model<{ _id: string }>).bulkWrite(writes, { session })
}

function see({ appId, organizationId, key, hour, calls, cost }: CountedPart) {
  const owner = organizationId === null ? {} : { $set: { organizationId } }
  return {
    updateOne: {
      filter: { _id: `${appId}:${key}` },
      update: {
        $inc: { calls, cost },
        $min: { firstSeenAt: hour },
        $max: { lastSeenAt: hour },
        $setOnInsert: { appId, endUserId: key, ...(organizationId === null ? { organizationId } : {}) },
        ...owner,
      },
      upsert: true,
    },
  }
}
