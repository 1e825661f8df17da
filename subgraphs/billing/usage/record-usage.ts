import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { BillingContext } from '../billing-context.ts'
import { type UsageRow, startOf, usageRowId } from './usage.ts'

const mostRecords = 1_000

/** What one gateway counted of an app within an hour. */
export interface UsageRecord {
  readonly appId: string
  readonly hour: Date
  readonly calls: number
  readonly cost: number
  readonly errors: number
}

/** Adds a gateway's batch to the hourly usage; false when a batch of this id was added before. */
export async function recordUsage(
  { models, loaders, now }: BillingContext,
  { batchId, records }: { readonly batchId: string; readonly records: readonly UsageRecord[] },
): Promise<boolean> {
  requireUsable(batchId, records)
  const appIds = [...new Set(records.map(({ appId }) => appId))]
  const subscriptions = await Promise.all(appIds.map((appId) => loaders.subscriptionsByApp.load(appId)))
  const owners = new Map(appIds.map((appId, index) => [appId, subscriptions[index]?.organizationId ?? null]))
  return models.usage.add({ id: batchId, receivedAt: now(), hours: sumByHour(records, owners) })
}

/** One entry per app and hour: a document is then changed once, however the gateway has cut its records. */
function sumByHour(records: readonly UsageRecord[], owners: ReadonlyMap<string, string | null>): UsageRow[] {
  const sums = new Map<string, UsageRow>()
  for (const { appId, hour: moment, calls, cost, errors } of records) {
    const start = startOf('HOUR', moment)
    const _id = usageRowId(appId, 'HOUR', moment)
    const sum = sums.get(_id)
    sums.set(_id, {
      _id,
      appId,
      organizationId: owners.get(appId) ?? null,
      start,
      callCount: (sum?.callCount ?? 0) + calls,
      costPoints: (sum?.costPoints ?? 0) + cost,
      errorCount: (sum?.errorCount ?? 0) + errors,
    })
  }
  return [...sums.values()]
}

function requireUsable(batchId: string, records: readonly UsageRecord[]): void {
  if (batchId.length < 1 || batchId.length > 100) {
    throw new CodedError('BAD_USER_INPUT', '`batchId` must have 1 to 100 characters.', { argument: 'batchId' })
  }
  if (records.length < 1 || records.length > mostRecords) {
    throw new CodedError('BAD_USER_INPUT', `A batch must have 1 to ${mostRecords} records.`, { argument: 'records' })
  }
  const bad = records.findIndex(
    ({ appId, calls, cost, errors }) => !isIdOf('App', appId) || calls < 0 || cost < 0 || errors < 0,
  )
  if (bad !== -1) {
    throw new CodedError('BAD_USER_INPUT', `records[${bad}] needs an app's id and counts of 0 or more.`, {
      argument: 'records',
    })
  }
}
