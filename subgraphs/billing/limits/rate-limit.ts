import { CodedError } from '../../../kit/errors.ts'
import type { BillingContext } from '../billing-context.ts'
import { monthEndAfter } from '../calendar.ts'
import { type AppLimits, readAppLimits } from '../plans/app-limits.ts'
import { type CountedCalls, readCountedCalls } from './counted-calls.ts'

interface Told {
  readonly name: string
  readonly unit: 'POINTS' | 'CALLS' | 'REQUESTS' | 'STREAMS'
  readonly limit: number | null
  readonly used?: number
  readonly windowSeconds?: number
  readonly resetsAt?: Date
}

const dayMs = 24 * 60 * 60 * 1000

/** What billing knows of an app's limits: all of them, and the use of those that it counts. */
export async function readRateLimit(context: BillingContext) {
  const { caller, models, now } = context
  const limits = await readAppLimits(context, caller.appId)
  if (limits === null) throw new CodedError('PLAN_FORBIDS', 'This app has no plan; ask the platform to assign one.')
  const at = now()
  const counted = await readCountedCalls(models, { appId: caller.appId, organizationId: null }, at)
  return { planName: limits.planName, cost: null, admitted: null, limits: tell(limits, counted, at) }
}

function tell(limits: AppLimits, { callsOfDay, callsOfMonth }: CountedCalls, at: Date) {
  const dayEnd = new Date((Math.floor(at.getTime() / dayMs) + 1) * dayMs)
  const all: Told[] = [
    { name: 'points', unit: 'POINTS', limit: limits.bucketSize, windowSeconds: seconds(limits) },
    { name: 'daily-calls', unit: 'CALLS', limit: limits.dailyCalls, used: callsOfDay, resetsAt: dayEnd },
    {
      name: 'monthly-calls',
      unit: 'CALLS',
      limit: limits.monthlyCalls,
      used: callsOfMonth,
      resetsAt: monthEndAfter(at),
    },
    ...limits.fieldLimits.map(({ coordinate, calls, windowSeconds }): Told => ({
      name: coordinate,
      unit: 'CALLS',
      limit: calls,
      windowSeconds,
    })),
    { name: 'concurrent-requests', unit: 'REQUESTS', limit: limits.concurrentRequests },
    { name: 'open-streams', unit: 'STREAMS', limit: limits.openStreams },
  ]
  return all.flatMap(({ limit, used = null, ...told }) =>
    limit === null ? [] : [{ ...told, limit, used, remaining: used === null ? null : Math.max(0, limit - used) }],
  )
}

function seconds({ bucketSize, restoreRate }: AppLimits): number {
  return Math.ceil(bucketSize / restoreRate)
}
