import { seededId } from '../../../kit/ids.ts'
import { meterPattern } from '../plans/plan-input.ts'
import { earlyUsageMs, lateUsageMs } from './late-usage.ts'

/** One usage as a source reports it, after CloudEvents: `source` and `id` together are unique for ever. */
export interface ReportedUsage {
  readonly source: string
  readonly id: string
  readonly appId: string
  readonly meter: string
  readonly quantity: number
  readonly time: Date
}

/** A usage event that was counted, kept as long as a repeat of it could still be accepted. */
export interface UsageEvent {
  readonly _id: string
  readonly source: string
  readonly eventId: string
  readonly appId: string
  readonly organizationId: string
  readonly meter: string
  readonly quantity: number
  readonly time: Date
  readonly receivedAt: Date
}

export interface UsageRefusal {
  readonly code: string
  readonly field: string
  readonly message: string
}

const largestQuantity = 1_000_000_000_000
/** Counted by gateways, so that events would count them twice. */
const gatewayMeters: ReadonlySet<string> = new Set(['calls', 'cost', 'errors'])

/** The id of the one event of this source and id. */
export function usageEventId(source: string, id: string): string {
  return seededId('UsageEvent', JSON.stringify([source, id]))
}

/** Why an event cannot be counted, whatever is known of its app; undefined when it can. */
export function refuseUsage({ source, id, meter, quantity, time }: ReportedUsage, now: Date): UsageRefusal | undefined {
  if (source === '' || source.length > 200) return refusal('INVALID_SOURCE', 'source', 'has 1 to 200 characters')
  if (id === '' || id.length > 200) return refusal('INVALID_EVENT_ID', 'id', 'has 1 to 200 characters')
  if (!meterPattern.test(meter) || gatewayMeters.has(meter)) {
    return refusal('INVALID_METER', 'meter', 'is a name in lower case, and none that gateways count themselves')
  }
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > largestQuantity) {
    return refusal('INVALID_QUANTITY', 'quantity', `is a whole number from 1 to ${largestQuantity}`)
  }
  const age = now.getTime() - time.getTime()
  if (Number.isNaN(age)) return refusal('INVALID_TIME', 'time', 'is no moment')
  if (age > lateUsageMs) {
    const hours = lateUsageMs / 3_600_000
    return refusal('TOO_LATE', 'time', `is more than ${hours} hours ago; the invoice of that time may be drawn up`)
  }
  if (age < -earlyUsageMs) return refusal('IN_THE_FUTURE', 'time', 'lies ahead of our clock by more than an hour')
  return undefined
}

function refusal(code: string, field: string, what: string): UsageRefusal {
  return { code, field, message: `\`${field}\` ${what}.` }
}
