import type { EventValue, NewEvent } from '../../../kit/events.ts'
import type { WebhookEndpoint } from './endpoints.ts'

type Change = 'created' | 'changed' | 'disabled' | 'enabled' | 'deleted' | 'gap'

/** An event about an endpoint. */
export function webhookEvent(
  change: Change,
  { _id, organizationId, appId }: Pick<WebhookEndpoint, '_id' | 'organizationId' | 'appId'>,
  more: Readonly<Record<string, EventValue>> = {},
): NewEvent {
  return {
    type: `webhook_endpoint.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, appId, ...more },
  }
}
