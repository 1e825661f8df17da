import { createId } from '../../../../kit/ids.ts'
import type { DomainEvent } from '../../../../kit/events.ts'
import type { DeliveryCause, WebhookDelivery } from '../deliveries.ts'
import type { WebhookDisabledReason, WebhookEndpoint } from '../endpoints.ts'
import type { Outcome } from './attempt.ts'
import { nextAttempt } from './schedule.ts'

/** Attempts that are kept of one delivery. */
const keptAttempts = 12

/** A delivery that is to be tried. */
export function newDelivery(
  { _id, appId, organizationId }: Pick<WebhookEndpoint, '_id' | 'appId' | 'organizationId'>,
  event: DomainEvent,
  { cause, now, nextAt = null }: { readonly cause: DeliveryCause; readonly now: Date; readonly nextAt?: Date | null },
): WebhookDelivery {
  return {
    _id: createId('WebhookDelivery'),
    endpointId: _id,
    appId,
    organizationId,
    cause,
    event,
    eventId: event.id,
    type: event.type,
    subject: event.subject,
    position: event.position,
    status: 'PENDING',
    open: true,
    tried: 0,
    attempts: [],
    nextAt,
    note: null,
    createdAt: now,
    endedAt: null,
    version: 1,
  }
}

export interface Settled {
  readonly delivery: WebhookDelivery
  /** Set where the endpoint takes no more. */
  readonly disable: WebhookDisabledReason | null
}

/** A delivery after an attempt. What an app has asked for by hand is tried once, and disables nothing. */
export function settle(
  delivery: WebhookDelivery,
  outcome: Exclude<Outcome, { readonly kind: 'aborted' }>,
  options: { readonly now: Date; readonly delaysMs?: readonly number[]; readonly random?: () => number },
): Settled {
  const { now } = options
  const version = delivery.version + 1
  if (outcome.kind === 'waits') {
    const { until, note } = outcome
    return { delivery: { ...delivery, nextAt: until, note, version }, disable: null }
  }
  const { kind, attempt, retryAfter } = outcome
  const tried = delivery.tried + 1
  const attempts = [...delivery.attempts, attempt].slice(-keptAttempts)
  const after = { ...delivery, attempts, tried, note: null, version }
  const ended = { open: false, nextAt: null, endedAt: now } as const
  if (kind === 'delivered') return { delivery: { ...after, ...ended, status: 'DELIVERED' }, disable: null }
  if (delivery.cause !== 'EVENT') return { delivery: { ...after, ...ended, status: 'FAILED' }, disable: null }
  const nextAt = kind === 'gone' ? null : nextAttempt(tried, { ...options, retryAfter })
  if (nextAt !== null) return { delivery: { ...after, nextAt }, disable: null }
  // Open: it is tried again once the endpoint is enabled, so that nothing is lost by a long outage.
  return {
    delivery: { ...after, status: 'FAILED', nextAt: null },
    disable: kind === 'gone' ? 'GONE' : 'RETRIES_EXHAUSTED',
  }
}

/** A delivery that is not to be made any more. */
export function skip(delivery: WebhookDelivery, note: string, now: Date): WebhookDelivery {
  const { version } = delivery
  return { ...delivery, status: 'SKIPPED', open: false, nextAt: null, endedAt: now, note, version: version + 1 }
}
