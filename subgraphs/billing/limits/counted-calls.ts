import type { BillingModels } from '../models/billing-models.ts'

/** The calls of the current day and month (UTC) that gateways have told of so far. */
export interface CountedCalls {
  readonly day: string
  readonly month: string
  readonly callsOfDay: number
  readonly callsOfMonth: number
  readonly organizationCallsOfMonth: number
}

/** Reads what quotas go on from when a gateway first sees an app; the organization's only where it has a quota. */
export async function readCountedCalls(
  { usage }: BillingModels,
  { appId, organizationId }: { readonly appId: string; readonly organizationId: string | null },
  now: Date,
): Promise<CountedCalls> {
  const [own, organizationCallsOfMonth] = await Promise.all([
    usage.readCurrentCalls(appId, now),
    organizationId === null ? 0 : usage.readCallsOfOrganization(organizationId, now),
  ])
  const day = now.toISOString().slice(0, 10)
  return { day, month: day.slice(0, 7), ...own, organizationCallsOfMonth }
}
