import type { ClientSession } from 'mongoose'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { MutationRefused, mutate } from '../../../storage/mutate.ts'
import type { App } from '../apps/apps.ts'
import { type Call, command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import { hashOfDocument } from '../trusted-documents/trusted-documents.ts'
import { type CreateWebhookEndpointInput, createWebhookEndpoint } from './create-endpoint.ts'
import type { DeliveryFilter, WebhookDelivery } from './deliveries.ts'
import { deleteWebhookEndpoint, disableWebhookEndpoint, enableWebhookEndpoint } from './endpoint-status.ts'
import { endedTypes } from './ended-types.ts'
import type { EndpointFilter, WebhookEndpoint } from './endpoints.ts'
import { rotateWebhookSecret } from './rotate-secret.ts'
import { type Selection, checkSelection } from './selection.ts'
import { replayWebhookEvents, resendWebhookDelivery, testWebhookEndpoint } from './send-again.ts'
import { liveSecrets } from './signing-secrets.ts'
import { type UpdateWebhookEndpointInput, updateWebhookEndpoint } from './update-endpoint.ts'

interface ById {
  readonly id: string
}

const endpointOf = ({ loaders }: PartnerContext, id: string) => loaders.webhookEndpoints.clear(id).load(id)
const endpoint = { field: 'webhookEndpoint', load: endpointOf }
const delivery = {
  field: 'webhookDelivery',
  load: ({ loaders }: PartnerContext, id: string) => loaders.webhookDeliveries.clear(id).load(id),
}

export const webhookResolvers: Resolvers<PartnerContext> = {
  Query: {
    webhookEndpoint: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.webhookEndpoints.load(id),
    webhookEndpoints: (_: unknown, args: ConnectionArgs & EndpointFilter, { models, caller }: PartnerContext) =>
      models.webhooks.list(caller, args),
    webhookDelivery: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.webhookDeliveries.load(id),
  },
  Mutation: {
    createWebhookEndpoint: withSelection('createWebhookEndpoint', {
      run: createWebhookEndpoint,
      appOf: (input: CreateWebhookEndpointInput, { caller }) => Promise.resolve(input.appId ?? caller.appId),
    }),
    updateWebhookEndpoint: withSelection('updateWebhookEndpoint', {
      run: updateWebhookEndpoint,
      appOf: async ({ id }: UpdateWebhookEndpointInput, { loaders }) =>
        (await loaders.webhookEndpoints.load(id))?.appId,
    }),
    rotateWebhookSecret: withSecret(command('rotateWebhookSecret', { run: rotateWebhookSecret, ...endpoint })),
    disableWebhookEndpoint: command('disableWebhookEndpoint', { run: disableWebhookEndpoint, ...endpoint }),
    enableWebhookEndpoint: command('enableWebhookEndpoint', { run: enableWebhookEndpoint, ...endpoint }),
    deleteWebhookEndpoint: command('deleteWebhookEndpoint', {
      run: deleteWebhookEndpoint,
      field: 'deletedId',
      load: (_, id) => Promise.resolve(id),
    }),
    testWebhookEndpoint: command('testWebhookEndpoint', { run: testWebhookEndpoint, ...delivery }),
    resendWebhookDelivery: command('resendWebhookDelivery', { run: resendWebhookDelivery, ...delivery }),
    replayWebhookEvents: command('replayWebhookEvents', { run: replayWebhookEvents, ...endpoint }),
  },
  App: {
    webhookEndpoints: ({ _id }: App, _args: unknown, { loaders }: PartnerContext) =>
      loaders.webhookEndpointsOfApp.load(_id),
  },
  WebhookEndpoint: {
    id: ({ _id }: WebhookEndpoint) => _id,
    endedTypes: (of: WebhookEndpoint, _args: unknown, context: PartnerContext) => endedTypes(context, of),
    app: ({ appId }: WebhookEndpoint, _args: unknown, { loaders }: PartnerContext) => loaders.apps.load(appId),
    secretOverlapEndsAt: ({ secrets }: WebhookEndpoint, _args: unknown, { now }: PartnerContext) =>
      liveSecrets(secrets, now()).findLast(({ expiresAt }) => expiresAt !== null)?.expiresAt ?? null,
    async cursor({ _id }: WebhookEndpoint, _args: unknown, { loaders, models }: PartnerContext) {
      const progress = await loaders.webhookProgress.load(_id)
      return progress && models.webhooks.cursors.encode(progress.position)
    },
    failing: async ({ _id }: WebhookEndpoint, _args: unknown, { loaders }: PartnerContext) =>
      (await loaders.webhookProgress.load(_id))?.failing ?? null,
    nextAttemptAt: async ({ _id }: WebhookEndpoint, _args: unknown, { loaders }: PartnerContext) =>
      (await loaders.webhookProgress.load(_id))?.retryAt ?? null,
    deliveries: ({ _id }: WebhookEndpoint, args: ConnectionArgs & DeliveryFilter, { models, caller }: PartnerContext) =>
      models.webhookDeliveries.ofEndpoint(caller, _id, args),
  },
  WebhookDelivery: {
    id: ({ _id }: WebhookDelivery) => _id,
    endpoint: ({ endpointId }: WebhookDelivery, _args: unknown, { loaders }: PartnerContext) =>
      loaders.webhookEndpoints.load(endpointId),
    cursor: ({ position }: WebhookDelivery, _args: unknown, { models }: PartnerContext) =>
      models.webhooks.cursors.encode(position),
    nextAttemptAt: ({ nextAt }: WebhookDelivery) => nextAt,
  },
}

interface EndpointPayload {
  readonly userErrors: readonly unknown[]
  readonly [field: string]: unknown
}

/** Adds the newest secret to the payload of what has just made it; a repeated key is shown it again. */
function withSecret<Input>(
  run: (parent: unknown, call: Call<Input>, context: PartnerContext) => Promise<EndpointPayload>,
) {
  return async (parent: unknown, call: Call<Input>, context: PartnerContext) => {
    const payload = await run(parent, call, context)
    const made = (await payload['webhookEndpoint']) as WebhookEndpoint | null
    return { ...payload, secret: made === null ? null : context.models.webhooks.signer.shown(made) }
  }
}

/** A mutation whose selection is checked with the graph before its transaction begins, which must not wait for that. */
function withSelection<Input extends { readonly selection?: string | null }>(
  name: string,
  {
    run,
    appOf,
  }: {
    readonly run: (
      context: PartnerContext,
      call: { readonly input: Input; readonly selection: Selection | null },
      session: ClientSession,
    ) => Promise<string>
    readonly appOf: (input: Input, context: PartnerContext) => Promise<string | undefined>
  },
) {
  return withSecret<Input>(async (_, { input, idempotencyKey }, context) => {
    let selection: Selection | null = null
    let refused: MutationRefused | undefined
    try {
      const text = input.selection?.trim() ?? ''
      const appId = text === '' ? undefined : await appOf(input, context)
      // One that is another partner's, or none, is refused by the mutation itself.
      const app = appId === undefined ? null : await context.loaders.apps.load(appId)
      if (app !== null) {
        const { webhooks, trustedDocuments } = context.models
        selection = await checkSelection(text, {
          appId: app._id,
          graph: webhooks.graph,
          isPublished: async () => (await trustedDocuments.textOf(app._id, hashOfDocument(text))) !== null,
        })
      }
    } catch (error) {
      if (!(error instanceof MutationRefused)) throw error
      // Tried again later it may be taken, so that it must not be remembered under the call's key.
      if (error.userErrors.some(({ code }) => code === 'SELECTION_UNAVAILABLE')) {
        return { webhookEndpoint: null, userErrors: error.userErrors }
      }
      refused = error
    }
    const { id, userErrors } = await mutate(context, { name, input, idempotencyKey }, (session) => {
      // Refused there, so that it is in the audit log as every refusal.
      if (refused) throw refused
      return run(context, { input, selection }, session)
    })
    return { webhookEndpoint: id === null ? null : endpointOf(context, id), userErrors }
  })
}
