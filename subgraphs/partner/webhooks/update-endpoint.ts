import type { ClientSession } from 'mongoose'
import { createInputErrors, known } from '../input.ts'
import { requireHeld } from '../members/role-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type WebhookEndpointInput, changeableEndpoint } from './changeable-endpoint.ts'
import { grantOf } from './create-endpoint.ts'
import { checkDescription, checkTypes, checkUrl } from './endpoint-input.ts'
import type { WebhookOrder } from './endpoints.ts'
import type { Selection } from './selection.ts'
import { webhookEvent } from './webhook-events.ts'

export interface UpdateWebhookEndpointInput extends WebhookEndpointInput {
  readonly url?: string | null
  readonly description?: string | null
  readonly types?: readonly string[] | null
  /** An empty text takes the selection away. */
  readonly selection?: string | null
  readonly order?: WebhookOrder | null
}

/** Changes an endpoint; its place, its secrets and what waits for it stay. */
export async function updateWebhookEndpoint(
  context: PartnerContext,
  { input, selection }: { readonly input: UpdateWebhookEndpointInput; readonly selection: Selection | null },
  session: ClientSession,
): Promise<string> {
  const { models, caller, events, now } = context
  const endpoint = await changeableEndpoint(context, input, session)
  const app = known(await models.apps.find(caller, session, endpoint.appId), 'app', 'id')
  const { scopes } = await grantOf(context, app, session)
  if ([input.url, input.types, input.selection].some((given) => given != null)) {
    await requireHeld(context, session, { wanted: scopes, field: 'id' })
  }
  const errors = createInputErrors()
  const reader = { scopes, sandbox: app.environment === 'SANDBOX' }
  const types =
    input.types == null ? null : await checkTypes(input.types, { declared: events.declared, reader, errors })
  const changes = {
    ...(input.url == null ? {} : { url: checkUrl(input.url, models.webhooks.networks, errors) }),
    ...(input.description == null ? {} : { description: checkDescription(input.description, errors) }),
    ...(types === null ? {} : { types }),
    ...(input.order == null ? {} : { order: input.order }),
    ...(input.selection == null
      ? {}
      : { selection: selection?.text ?? null, selectionVariables: selection?.variables ?? [] }),
  }
  errors.check()
  const changed = await models.webhooks.change(session, endpoint, changes)
  // What another address has failed to take is tried at once.
  if (changed.url !== endpoint.url) await models.webhookDeliveries.retryFailed(session, endpoint._id, now())
  await models.webhookProgress.wake(session, endpoint._id, now())
  await events.append(session, webhookEvent('changed', changed))
  return changed._id
}
