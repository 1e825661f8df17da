import type { WebhookDelivery } from '../deliveries.ts'
import type { WebhookEndpoint } from '../endpoints.ts'

/** Deliveries that must follow each other. */
export type Lane = readonly WebhookDelivery[]

/**
 * Puts deliveries, given in the order of the log, into lanes: one for all, or one per subject, as the endpoint asks
 * for. Lanes do not wait for each other.
 */
export function toLanes(order: WebhookEndpoint['order'], deliveries: readonly WebhookDelivery[]): Lane[] {
  if (order === 'ENDPOINT') return deliveries.length === 0 ? [] : [deliveries]
  const lanes = new Map<string, WebhookDelivery[]>()
  for (const delivery of deliveries) {
    const lane = lanes.get(delivery.subject)
    if (lane) lane.push(delivery)
    else lanes.set(delivery.subject, [delivery])
  }
  return [...lanes.values()]
}

/** Whether the first delivery of a lane may be tried at a moment. */
export function isReady({ status, nextAt }: WebhookDelivery, now: Date): boolean {
  return status === 'PENDING' && (nextAt === null || nextAt <= now)
}

/** When a lane has to be looked at again; null when nothing of it is left, or it has failed for good. */
export function dueOf(lane: Lane, now: Date): Date | null {
  const first = lane.find(({ open }) => open)
  if (first === undefined || first.status !== 'PENDING') return null
  return first.nextAt ?? now
}
