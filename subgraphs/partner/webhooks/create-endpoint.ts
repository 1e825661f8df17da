import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { App } from '../apps/apps.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import { createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import { requireHeld } from '../members/role-scopes.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { positionOf } from './cursor-position.ts'
import { checkDescription, checkTypes, checkUrl } from './endpoint-input.ts'
import type { WebhookEndpoint, WebhookOrder } from './endpoints.ts'
import type { Selection } from './selection.ts'
import { newSigningSecret } from './signing-secrets.ts'
import { webhookEvent } from './webhook-events.ts'

export const mostEndpoints = 10

export interface CreateWebhookEndpointInput {
  readonly appId?: string | null
  readonly url: string
  readonly description?: string | null
  readonly types?: readonly string[] | null
  readonly selection?: string | null
  readonly order?: WebhookOrder | null
  readonly after?: string | null
}

/** Makes an endpoint of an active app. It gets what happens from now on, or after a cursor. */
export async function createWebhookEndpoint(
  context: PartnerContext,
  { input, selection }: { readonly input: CreateWebhookEndpointInput; readonly selection: Selection | null },
  session: ClientSession,
): Promise<string> {
  const { models, caller, events } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const app = known(await models.apps.find(caller, session, input.appId ?? caller.appId), 'app', 'appId')
  if (app.status !== 'ACTIVE') throw refuse('APP_REVOKED', ['input', 'appId'], 'The app is REVOKED, which is final.')
  const { scopes, operator } = await grantOf(context, app, session)
  // What is delivered is what the app may read, so that an endpoint is worth as much as a key.
  await requireHeld(context, session, { wanted: scopes, field: 'appId' })
  const errors = createInputErrors()
  const url = checkUrl(input.url, models.webhooks.networks, errors)
  const description = checkDescription(input.description ?? '', errors)
  const reader = { scopes, sandbox: app.environment === 'SANDBOX' }
  const types = await checkTypes(input.types ?? [], { declared: events.declared, reader, errors })
  errors.check()
  const { newest } = await events.bounds()
  const position = input.after == null ? newest : await positionOf(context, input.after)
  // Two that are made at once would each not count the other: by this write one of them conflicts and counts anew.
  await models.apps.touch(session, app._id)
  if ((await models.webhooks.countOfApp(session, app._id)) >= mostEndpoints) {
    const message = `An app has at most ${mostEndpoints} webhook endpoints; delete one of them before.`
    throw refuse('TOO_MANY', ['input', 'appId'], message)
  }
  const now = context.now()
  const endpoint: WebhookEndpoint = {
    _id: createId('WebhookEndpoint'),
    appId: app._id,
    organizationId: app.organizationId,
    operator,
    environment: app.environment,
    url,
    description,
    types,
    selection: selection?.text ?? null,
    selectionVariables: selection?.variables ?? [],
    order: input.order ?? 'ENDPOINT',
    status: 'ENABLED',
    disabledReason: null,
    disabledAt: null,
    secrets: [newSigningSecret(now)],
    createdAt: now,
    version: 1,
  }
  await models.webhooks.insert(session, endpoint)
  await models.webhookProgress.begin(session, endpoint._id, position)
  await events.append(session, webhookEvent('created', endpoint))
  return endpoint._id
}

/** The scopes that an app has now, and whether it is the platform's. */
export async function grantOf(
  { models, caller }: PartnerContext,
  app: App,
  session: ClientSession,
): Promise<{ scopes: readonly string[]; operator: boolean }> {
  const organization = known(await models.organizations.find(caller, session, app.organizationId), 'organization')
  const declared = await models.declaredScopes.all(session)
  const allowed = new Set(allowedScopes(organization, declared))
  return { scopes: heldScopes(app, declared).filter((scope) => allowed.has(scope)), operator: organization.operator }
}
