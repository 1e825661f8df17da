import type { Connection } from 'mongoose'
import type { Outside } from '../../../kit/background.ts'
import { type NetworkRules, createNetworkRules } from '../../../kit/egress/network-rules.ts'
import { createEventCursors } from '../../../kit/event-cursor.ts'
import type { SecretPurpose } from '../../../kit/secrets.ts'
import { createWebhookDeliveries } from './deliveries.ts'
import { createWebhookEndpoints } from './endpoints.ts'
import { createWebhookProgress } from './progress.ts'
import { createWebhookSigner } from './signing-secrets.ts'

/** Where nothing says otherwise, only the public Internet may be called. */
const publicOnly: NetworkRules = createNetworkRules([])

/** The collections of webhooks, and what commands need besides. */
export function createWebhookModels(
  connection: Connection,
  { secretFor, outside }: { secretFor: (purpose: SecretPurpose) => Buffer; outside?: Outside | undefined },
) {
  return {
    webhooks: {
      ...createWebhookEndpoints(connection),
      signer: createWebhookSigner(() => secretFor('webhook-secrets')),
      cursors: createEventCursors(secretFor('cursor')),
      networks: outside?.networks ?? publicOnly,
      graph: outside?.graph,
    },
    webhookDeliveries: createWebhookDeliveries(connection),
    webhookProgress: createWebhookProgress(connection),
  }
}
