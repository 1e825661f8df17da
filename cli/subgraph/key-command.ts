import { Command } from 'commander'
import type { GraphClient } from '../../sdk/graph-client.ts'
import type { GraphOptions } from '../graph-options.ts'
import { mutate } from '../mutation.ts'
import { graphCommand } from '../run-command.ts'

/** The key by which gateways sign for a subgraph, in base64url. */
export async function revealKey(graph: GraphClient, subgraph: string): Promise<string> {
  const { signingKey } = await mutate<{ signingKey: string }>(
    graph,
    `mutation ($input: RevealSubgraphKeyInput!) {
      revealSubgraphKey(input: $input) { signingKey userErrors { code message } }
    }`,
    { input: { subgraph } },
  )
  return signingKey
}

/** `tributary subgraph key`. */
export function keyCommand(): Command {
  const command = new Command('key')
    .summary('the key by which gateways sign what they ask of a subgraph')
    .description(
      'Each subgraph has a key of its own, also before it is published. Whoever has it can pose as the gateway to that\n' +
        'subgraph; that it was shown is in the audit log. Give it to the service as TRIBUTARY_SUBGRAPH_KEY.',
    )
    .argument('<subgraph>', 'its name')
    .addHelpText('after', '\nExample\n    TRIBUTARY_SUBGRAPH_KEY="$(tributary subgraph key loyalty)" npm start')
  return graphCommand<GraphOptions>(command, {
    scopes: 'schemas:write',
    interrupted: 'Interrupted.',
    async work({ graph, args, print, show }) {
      const [subgraph = ''] = args
      const signingKey = await revealKey(graph, subgraph)
      show({ subgraph, signingKey }, () => print(signingKey))
      return 0
    },
  })
}
