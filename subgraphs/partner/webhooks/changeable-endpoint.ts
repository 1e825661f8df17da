import type { ClientSession } from 'mongoose'
import { checkVersion, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { WebhookEndpoint } from './endpoints.ts'

/** An endpoint to change. */
export interface WebhookEndpointInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** The endpoint that is to be changed, or a refusal. */
export async function changeableEndpoint(
  context: PartnerContext,
  input: WebhookEndpointInput,
  session: ClientSession,
): Promise<WebhookEndpoint> {
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const endpoint = known(await context.models.webhooks.find(context.caller, session, input.id), 'webhook endpoint')
  checkVersion(endpoint, input.expectedVersion)
  return endpoint
}
