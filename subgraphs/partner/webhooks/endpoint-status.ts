import type { ClientSession } from 'mongoose'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { refuse } from '../../../storage/mutate.ts'
import { checkTransition } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type WebhookEndpointInput, changeableEndpoint } from './changeable-endpoint.ts'
import type { WebhookStatus } from './endpoints.ts'
import { webhookEvent } from './webhook-events.ts'

const endpointStateMachine = createStateMachine<WebhookStatus>('webhook endpoint', {
  ENABLED: ['DISABLED'],
  DISABLED: ['ENABLED'],
})

/** Has an endpoint get no more events. Its place in the log stays, so that it can go on from there. */
export async function disableWebhookEndpoint(
  context: PartnerContext,
  input: WebhookEndpointInput,
  session: ClientSession,
): Promise<string> {
  const { models, events, now } = context
  const endpoint = await changeableEndpoint(context, input, session)
  checkTransition(endpointStateMachine.refusal(endpoint.status, 'DISABLED'), ['id'])
  const changes = { status: 'DISABLED', disabledReason: 'OWNER', disabledAt: now() } as const
  const disabled = await models.webhooks.change(session, endpoint, changes)
  await events.append(session, webhookEvent('disabled', disabled, { reason: 'OWNER' }))
  return disabled._id
}

/** Has an endpoint go on where it was: with what it failed to take, on a new schedule, and then with what came after. */
export async function enableWebhookEndpoint(
  context: PartnerContext,
  input: WebhookEndpointInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller, events, now } = context
  const endpoint = await changeableEndpoint(context, input, session)
  checkTransition(endpointStateMachine.refusal(endpoint.status, 'ENABLED'), ['id'])
  const app = await models.apps.find(caller, session, endpoint.appId)
  if (app?.status !== 'ACTIVE') throw refuse('APP_REVOKED', ['input', 'id'], 'The app is REVOKED, which is final.')
  const changes = { status: 'ENABLED', disabledReason: null, disabledAt: null } as const
  const enabled = await models.webhooks.change(session, endpoint, changes)
  await models.webhookDeliveries.retryFailed(session, endpoint._id, now())
  await models.webhookProgress.wake(session, endpoint._id, now())
  await events.append(session, webhookEvent('enabled', enabled))
  return enabled._id
}

/** Deletes an endpoint with what was delivered to it. */
export async function deleteWebhookEndpoint(
  context: PartnerContext,
  input: WebhookEndpointInput,
  session: ClientSession,
): Promise<string> {
  const { models, events } = context
  const endpoint = await changeableEndpoint(context, input, session)
  await models.webhooks.remove(session, endpoint._id)
  await models.webhookProgress.remove(session, endpoint._id)
  await models.webhookDeliveries.removeOf(session, endpoint._id)
  await events.append(session, webhookEvent('deleted', endpoint))
  return endpoint._id
}
