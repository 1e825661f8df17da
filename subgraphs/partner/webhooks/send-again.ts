import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type WebhookEndpointInput, changeableEndpoint } from './changeable-endpoint.ts'
import { positionOf } from './cursor-position.ts'
import { newDelivery } from './delivery/settle.ts'

/** Sends a test event once, also to an endpoint that is disabled. */
export async function testWebhookEndpoint(
  context: PartnerContext,
  input: WebhookEndpointInput,
  session: ClientSession,
): Promise<string> {
  const { models, events } = context
  const endpoint = await changeableEndpoint(context, input, session)
  const now = context.now()
  const event = {
    id: createId('Event'),
    // It is no event of the log: whoever keeps its cursor goes on with what happens after it.
    position: (await events.bounds()).newest,
    source: 'partner',
    type: 'webhook_endpoint.test',
    subject: endpoint._id,
    time: now,
    audience: [endpoint.organizationId],
    data: { organizationId: endpoint.organizationId, appId: endpoint.appId },
  }
  const delivery = newDelivery(endpoint, event, { cause: 'TEST', now, nextAt: now })
  await models.webhookDeliveries.insert(session, delivery)
  await models.webhookProgress.wake(session, endpoint._id, now)
  return delivery._id
}

/** Sends what was delivered, or was not, once more, as it was: with the same id, and out of turn. */
export async function resendWebhookDelivery(
  context: PartnerContext,
  input: { readonly id: string },
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const former = known(await models.webhookDeliveries.find(caller, session, input.id), 'delivery')
  const endpoint = known(await models.webhooks.find(caller, session, former.endpointId), 'webhook endpoint')
  if (former.cause === 'TEST') throw refuse('TEST_DELIVERY', ['input', 'id'], 'Send another test event instead.')
  const now = context.now()
  const delivery = newDelivery(endpoint, former.event, { cause: 'RESEND', now, nextAt: now })
  await models.webhookDeliveries.insert(session, delivery)
  await models.webhookProgress.wake(session, endpoint._id, now)
  return delivery._id
}

export interface ReplayWebhookEventsInput extends WebhookEndpointInput {
  readonly after: string
}

/** Has an endpoint go on after a cursor, backwards or forwards. What was open is set aside: it comes again where it lies after the cursor. */
export async function replayWebhookEvents(
  context: PartnerContext,
  input: ReplayWebhookEventsInput,
  session: ClientSession,
): Promise<string> {
  const { models, now } = context
  const endpoint = await changeableEndpoint(context, input, session)
  const position = await positionOf(context, input.after)
  await models.webhookDeliveries.skipOpen(session, endpoint._id, now())
  await models.webhookProgress.moveTo(session, endpoint._id, { position, at: now() })
  return endpoint._id
}
