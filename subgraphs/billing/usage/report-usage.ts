import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { MutationRefused, refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { acceptUsage } from './accept-usage.ts'
import type { ReportedUsage } from './usage-event.ts'

const mostEvents = 1_000
/** Errors told of one report; the rest is likely to have the same cause. */
const mostErrors = 25

/** Counts usage events, all or none; those that were counted before are told and not counted again. */
export async function reportUsage(
  context: BillingContext,
  { events }: { readonly events: readonly ReportedUsage[] },
  session: ClientSession,
): Promise<string> {
  if (events.length < 1 || events.length > mostEvents) {
    throw refuse('INVALID_REPORT', ['input', 'events'], `A report has 1 to ${mostEvents} events.`)
  }
  const { accepted, duplicates, refusals } = await acceptUsage(context, session, events)
  if (refusals.length > 0) {
    throw new MutationRefused(
      refusals.slice(0, mostErrors).map(({ index, code, field, message }) => ({
        code,
        field: ['input', 'events', String(index), field],
        message: `Event ${index + 1}: ${message}`,
      })),
    )
  }
  const report = { _id: createId('UsageEvent'), accepted, duplicates, receivedAt: context.now() }
  await context.models.meters.report(report, session)
  return report._id
}
