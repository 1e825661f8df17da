import { Command } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { mutate } from '../mutation.ts'
import { graphCommand } from '../run-command.ts'
import { RefusedError } from '../usage-error.ts'
import { listenCommand } from './listen-command.ts'

interface EndpointAnswer {
  readonly id: string
  readonly url: string
  readonly status: string
  readonly failing: boolean | null
  readonly types: readonly string[]
}

interface DeliveryAnswer {
  readonly id: string
  readonly eventId: string
  readonly type: string
  readonly status: string
  readonly createdAt: string
  readonly nextAttemptAt: string | null
}

const deliveryFields = 'id eventId type status createdAt nextAttemptAt'

/** `tributary webhook`. */
export function webhookCommand(): Command {
  return new Command('webhook')
    .summary('receive webhooks here, look at deliveries and send them again')
    .addCommand(listenCommand())
    .addCommand(endpointsCommand())
    .addCommand(deliveriesCommand())
    .addCommand(resendCommand())
}

function endpointsCommand(): Command {
  const command = new Command('list')
    .summary('the endpoints of your apps')
    .addHelpText('after', '\nExample\n    tributary webhook list')
  return listCommand<EndpointAnswer>(command, {
    scopes: 'webhooks:read',
    async read({ graph }) {
      const { webhookEndpoints } = await graph.request<{ webhookEndpoints: { nodes: readonly EndpointAnswer[] } }>(
        '{ webhookEndpoints(first: 50) { nodes { id url status failing types } } }',
      )
      return webhookEndpoints.nodes
    },
    columns: () => [
      ['id', ({ id }) => id],
      ['url', ({ url }) => url],
      ['status', ({ status }) => status],
      ['failing', ({ failing }) => String(failing)],
      ['types', ({ types }) => types.join(' ')],
    ],
  })
}

function deliveriesCommand(): Command {
  const command = new Command('deliveries')
    .summary('what was sent to an endpoint, latest first')
    .argument('<endpoint>', 'its id, such as whe_…')
    .addHelpText('after', '\nExample\n    tributary webhook deliveries whe_…')
  return listCommand<DeliveryAnswer>(command, {
    scopes: 'webhooks:read',
    async read({ graph, args }) {
      const { webhookEndpoint } = await graph.request<{
        webhookEndpoint: { deliveries: { nodes: readonly DeliveryAnswer[] } | null } | null
      }>(`query ($id: ID!) { webhookEndpoint(id: $id) { deliveries(first: 50) { nodes { ${deliveryFields} } } } }`, {
        id: args[0],
      })
      if (webhookEndpoint === null) {
        throw new RefusedError('NOT_FOUND', `There is no endpoint ${args[0]}; \`tributary webhook list\` lists yours.`)
      }
      return webhookEndpoint.deliveries?.nodes ?? []
    },
    columns: () => [
      ['id', ({ id }) => id],
      ['type', ({ type }) => type],
      ['status', ({ status }) => status],
      ['made', ({ createdAt }) => createdAt],
      ['next attempt', ({ nextAttemptAt }) => nextAttemptAt],
    ],
  })
}

function resendCommand(): Command {
  const command = new Command('resend')
    .summary("post a delivery's event again, once and out of turn")
    .argument('<delivery>', 'its id, such as whd_…')
    .addHelpText('after', '\nExample\n    tributary webhook resend whd_…')
  return graphCommand<GraphOptions>(command, {
    scopes: 'webhooks:write',
    interrupted: 'Interrupted.',
    async work({ graph, args, print, show }) {
      const { webhookDelivery } = await mutate<{ webhookDelivery: DeliveryAnswer }>(
        graph,
        `mutation ($input: ResendWebhookDeliveryInput!) {
          resendWebhookDelivery(input: $input) { webhookDelivery { ${deliveryFields} } userErrors { code message } }
        }`,
        { input: { id: args[0] } },
      )
      show(webhookDelivery, () => print(`${webhookDelivery.id}  ${webhookDelivery.status}`))
      return 0
    },
  })
}
