import type { Worker } from '../../../kit/background.ts'
import { createSafePost } from '../../../kit/egress/safe-post.ts'
import type { PartnerModels } from '../models.ts'
import { attemptDelivery } from './delivery/attempt.ts'
import { startDeliveries } from './delivery/worker.ts'

/** A receiver has so long to answer. */
const timeoutMs = 15_000
/** Longer than an attempt with its selection takes; a turn shows a sign of life three times as often. */
const turnMs = 20_000

/** Posts events to webhook endpoints. Every process that has this subgraph takes part. */
export const webhookDeliveries: Worker<PartnerModels> = {
  name: 'webhook-deliveries',
  start({ models, events, connection, log, now, outside }) {
    const client = createSafePost({ rules: outside.networks, timeoutMs })
    const { cursors, signer } = models.webhooks
    const deliveries = startDeliveries({
      connection,
      events,
      models,
      cursors,
      log,
      now,
      turnMs,
      attempt: (endpoint, options) =>
        attemptDelivery({ client, signer, cursors, graph: outside.graph, now }, endpoint, options),
    })
    return {
      async close() {
        await deliveries.close()
        await client.close()
      },
    }
  },
}
