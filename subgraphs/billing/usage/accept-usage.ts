import type { ClientSession } from 'mongoose'
import type { BillingWork } from '../billing-work.ts'
import { type ReportedUsage, type UsageEvent, type UsageRefusal, refuseUsage, usageEventId } from './usage-event.ts'

interface Outcome {
  readonly accepted: number
  readonly duplicates: number
  readonly refusals: readonly (UsageRefusal & { readonly index: number })[]
}

/** Counts the events that can be counted and tells of the others, with four commands however many there are. */
export async function acceptUsage(
  { models, now }: BillingWork,
  session: ClientSession,
  reported: readonly ReportedUsage[],
): Promise<Outcome> {
  const receivedAt = now()
  const appIds = [...new Set(reported.map(({ appId }) => appId))]
  const subscriptions = await models.subscriptions.findByApps(appIds, session)
  const owners = new Map(subscriptions.map(({ appId, organizationId }) => [appId, organizationId]))
  const refusals: Outcome['refusals'][number][] = []
  const events = new Map<string, UsageEvent>()
  let repeated = 0
  for (const [index, usage] of reported.entries()) {
    const organizationId = owners.get(usage.appId)
    const refusal = refuseUsage(usage, receivedAt)
    if (refusal ?? organizationId === undefined) {
      refusals.push({ index, ...(refusal ?? unknownApp) })
      continue
    }
    const { id: eventId, source, appId, meter, quantity, time } = usage
    const _id = usageEventId(source, eventId)
    // Twice in one report: the first counts, as it would in two.
    if (events.has(_id)) repeated += 1
    else events.set(_id, { _id, source, eventId, appId, organizationId, meter, quantity, time, receivedAt })
  }
  const accepted = await models.meters.count([...events.values()], session)
  return { accepted, duplicates: repeated + events.size - accepted, refusals }
}

const unknownApp: UsageRefusal = {
  code: 'APP_NOT_FOUND',
  field: 'appId',
  message: 'No such app has a plan; check the id.',
}
