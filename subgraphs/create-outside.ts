import { createGraphAsker } from '../kit/ask-graph.ts'
import type { Outside } from '../kit/background.ts'
import type { Config } from '../kit/config.ts'
import { createNetworkRules } from '../kit/egress/network-rules.ts'
import type { SchemaOffice } from '../kit/schema-workshop.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { createWorkshop } from '../schema/workshop/workshop.ts'
import { subgraphs } from './registry.ts'
import { createEditionReader } from './edition-reader.ts'
import { readContracts } from './read-contracts.ts'
import { fingerprintLine, shippedApiOf, shippedEditionsOf, supergraphOf } from './shipped-supergraph.ts'

/** How the subgraphs of a process reach gateways, and which addresses of partners' choice they may call. */
export function createOutside(options: {
  readonly config: Config
  readonly secret: string
  /** The origin of a gateway; undefined while none is known. */
  readonly gateway: () => string | undefined
  readonly now: () => Date
}): Outside & { readonly schemas: SchemaOffice; close(): Promise<void> } {
  const { config, secret, gateway, now } = options
  const graph = createGraphAsker({
    origin: gateway,
    key: deriveSecret(secret, 'access-token-signing'),
    now,
  })
  const schemas = createSchemaOffice(config)
  return {
    graph,
    networks: createNetworkRules(config.WEBHOOK_ALLOWED_NETWORKS ?? []),
    schemas,
    async close() {
      await schemas.workshop.close()
      await graph.close()
    },
  }
}

/** Where published subgraphs are checked and composed with the shipped ones; starts nothing before it is used. */
export function createSchemaOffice(config: Config): SchemaOffice {
  const shipped = subgraphs.map(({ name, sdl, port, urlSetting }) => ({
    name,
    sdl,
    url: config[urlSetting] ?? `http://localhost:${port}/graphql`,
  }))
  const workshop = createWorkshop({ planner: config.PLANNER })
  const contracts = readContracts(config.CONTRACTS)
  return {
    contracts,
    editionsOf: createEditionReader({
      workshop,
      contracts,
      // Those of another file are committed elsewhere, if at all.
      committed: () => (config.CONTRACTS === undefined ? shippedEditionsOf(shipped, contracts) : null),
    }),
    workshop,
    shipped,
    base: fingerprintLine(shipped),
    shippedSupergraph: () => supergraphOf(shipped),
    shippedApi: async () => shippedApiOf(shipped) ?? (await workshop.compose(shipped)).apiSdl,
  }
}
