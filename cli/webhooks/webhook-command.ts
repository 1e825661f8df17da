import { Command } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { mutate } from '../mutation.ts'
import { table } from '../print-table.ts'
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
    .addCommand(listCommand())
    .addCommand(deliveriesCommand())
    .addCommand(resendCommand())
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('the endpoints of your apps')
    .addHelpText('after', '\nExample\n    tributary webhook list')
  return graphCommand<GraphOptions>(command, {
    scopes: 'webhooks:read',
    interrupted: 'Interrupted.',
    async work({ graph, print, show }) {
      const { webhookEndpoints } = await graph.request<{ webhookEndpoints: { nodes: readonly EndpointAnswer[] } }>(
        '{ webhookEndpoints(first: 50) { nodes { id url status failing types } } }',
      )
      const { nodes } = webhookEndpoints
      show(nodes, () =>
        print(
          table(
            ['id', 'url', 'status', 'failing', 'types'],
            nodes.map(({ id, url, status, failing, types }) => [id, url, status, String(failing), types.join(' ')]),
          ),
        ),
      )
      return 0
    },
  })
}

function deliveriesCommand(): Command {
  const command = new Command('deliveries')
    .summary('what was sent to an endpoint, latest first')
    .argument('<endpoint>', 'its id, such as whe_…')
    .addHelpText('after', '\nExample\n    tributary webhook deliveries whe_…')
  return graphCommand<GraphOptions>(command, {
    scopes: 'webhooks:read',
    interrupted: 'Interrupted.',
    async work({ graph, args, print, show }) {
      const { webhookEndpoint } = await graph.request<{
        webhookEndpoint: { deliveries: { nodes: readonly DeliveryAnswer[] } | null } | null
      }>(`query ($id: ID!) { webhookEndpoint(id: $id) { deliveries(first: 50) { nodes { ${deliveryFields} } } } }`, {
        id: args[0],
      })
      if (webhookEndpoint === null) {
        throw new RefusedError('NOT_FOUND', `There is no endpoint ${args[0]}; \`tributary webhook list\` lists yours.`)
      }
      const nodes = webhookEndpoint.deliveries?.nodes ?? []
      show(nodes, () =>
        print(
          table(
            ['id', 'type', 'status', 'made', 'next attempt'],
            nodes.map((each) => [each.id, each.type, each.status, each.createdAt, each.nextAttemptAt]),
          ),
        ),
      )
      return 0
    },
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
