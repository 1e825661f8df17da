import { createGraphAsker } from '../kit/ask-graph.ts'
import type { Outside } from '../kit/background.ts'
import type { Config } from '../kit/config.ts'
import { createNetworkRules } from '../kit/egress/network-rules.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { scopes } from '../schema/scopes.ts'

/** How the subgraphs of a process reach gateways, and which addresses of partners' choice they may call. */
export function createOutside(options: {
  readonly config: Config
  readonly secret: string
  /** The origin of a gateway; undefined while none is known. */
  readonly gateway: () => string | undefined
  readonly now: () => Date
}): Outside & { close(): Promise<void> } {
  const { config, secret, gateway, now } = options
  const graph = createGraphAsker({
    origin: gateway,
    key: deriveSecret(secret, 'access-token-signing'),
    scopes: Object.keys(scopes),
    now,
  })
  return { graph, networks: createNetworkRules(config.WEBHOOK_ALLOWED_NETWORKS ?? []), close: () => graph.close() }
}
