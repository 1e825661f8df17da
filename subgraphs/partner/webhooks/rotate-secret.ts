import type { ClientSession } from 'mongoose'
import { createInputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type WebhookEndpointInput, changeableEndpoint } from './changeable-endpoint.ts'
import { overlapHours, rotateSecrets } from './signing-secrets.ts'
import { webhookEvent } from './webhook-events.ts'

export interface RotateWebhookSecretInput extends WebhookEndpointInput {
  readonly overlapHours?: number | null
}

const hour = 60 * 60 * 1_000

/** Gives an endpoint a new secret; for a while messages are signed with the one before as well. */
export async function rotateWebhookSecret(
  context: PartnerContext,
  input: RotateWebhookSecretInput,
  session: ClientSession,
): Promise<string> {
  const { models, events, now } = context
  const endpoint = await changeableEndpoint(context, input, session)
  const errors = createInputErrors()
  const overlap = errors.whole(['overlapHours'], input.overlapHours ?? overlapHours.default, [0, overlapHours.most])
  errors.check()
  const secrets = rotateSecrets(endpoint.secrets, { now: now(), overlapMs: overlap * hour })
  const changed = await models.webhooks.change(session, endpoint, { secrets })
  await events.append(session, webhookEvent('changed', changed))
  return changed._id
}
