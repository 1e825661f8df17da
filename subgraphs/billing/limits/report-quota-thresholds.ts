import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { NewEvent } from '../../../kit/events.ts'
import { isDuplicateKey } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { inTransaction } from '../transaction.ts'

export interface ReportedThreshold {
  readonly appId: string
  readonly quota: 'DAY' | 'MONTH' | 'ORGANIZATION_MONTH'
  readonly period: string
  readonly percent: number
  readonly used: number
  readonly most: number
}

const mostThresholds = 100
/** Several gateways may tell the same one at once; the second finds it known. */
const attempts = 5

/** Makes an event of each threshold that was not told before; answers how many there were. */
export async function reportQuotaThresholds(
  context: BillingContext,
  thresholds: readonly ReportedThreshold[],
): Promise<number> {
  requireUsable(thresholds)
  const owned = await Promise.all(
    thresholds.map(async (threshold) => ({
      ...threshold,
      // The app's owner, who need not be the organization of the person for whom the app called.
      organizationId: (await context.models.subscriptions.placeOf(threshold.appId))?.organizationId ?? null,
    })),
  )
  const byId = new Map(owned.map((threshold) => [idOf(threshold), threshold]))
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordUnknown(context, byId)
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === attempts) throw error
    }
  }
}

interface OwnedThreshold extends ReportedThreshold {
  /** Null for an app without a subscription. */
  readonly organizationId: string | null
}

function recordUnknown(
  { models, events, now }: BillingContext,
  byId: ReadonlyMap<string, OwnedThreshold>,
): Promise<number> {
  return inTransaction(models.quotaThresholds.model.db, async (session) => {
    const known = await models.quotaThresholds.findKnown([...byId.keys()], session)
    const reached = [...byId].filter(([id]) => !known.has(id))
    if (reached.length === 0) return 0
    const at = now()
    await models.quotaThresholds.insert(
      reached.map(([_id]) => ({ _id, at })),
      session,
    )
    for (const [, threshold] of reached) await events.append(session, thresholdReached(threshold))
    return reached.length
  })
}

/** The event of a quota that was used to some part, for the organization whose calls it counts. */
function thresholdReached({ appId, organizationId, ...threshold }: OwnedThreshold): NewEvent {
  return {
    type: 'quota.threshold_reached',
    subject: subjectOf({ appId, organizationId, quota: threshold.quota }),
    // No organization has this id: what has no owner only the operator learns of.
    audience: [organizationId ?? 'operator'],
    data: { organizationId, appId, ...threshold },
  }
}

/** A quota that was changed has parts of its own. */
function idOf({ quota, period, percent, most, ...whose }: OwnedThreshold): string {
  return [subjectOf({ quota, ...whose }), quota, period, most, percent].join(':')
}

/** Whose quota it is. */
function subjectOf({
  appId,
  organizationId,
  quota,
}: Pick<OwnedThreshold, 'appId' | 'organizationId' | 'quota'>): string {
  return quota === 'ORGANIZATION_MONTH' && organizationId !== null ? organizationId : appId
}

function requireUsable(thresholds: readonly ReportedThreshold[]): void {
  const usable = ({ appId, period, percent }: ReportedThreshold): boolean =>
    isIdOf('App', appId) && /^\d{4}-\d{2}(-\d{2})?$/.test(period) && percent >= 1 && percent <= 100
  if (thresholds.length < 1 || thresholds.length > mostThresholds || !thresholds.every(usable)) {
    const message = `1 to ${mostThresholds} thresholds of apps, each of 1 to 100 percent of a day or month.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: 'thresholds' })
  }
}
