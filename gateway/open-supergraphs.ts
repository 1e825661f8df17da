import type { Config } from '../kit/config.ts'
import type { Logger } from '../kit/log.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { type SupergraphFollowing, followSupergraph } from './supergraph/follow-supergraph.ts'
import type { SystemSubscription } from './identity/follow-changes.ts'
import type { SystemQuery } from './identity/identity-directory.ts'
import type { Telemetry } from './open-telemetry.ts'
import { type PublishedSubgraphs, createPublishedSubgraphs } from './subgraphs/published-subgraphs.ts'
import type { SubgraphTransports } from './subgraphs/subgraph-transports.ts'
import { supergraphSource } from './supergraph/supergraph-source.ts'
import type { CircuitBreaker } from './transport/circuit-breaker.ts'
import type { Transport } from './transport/transport.ts'

export interface OpenedSupergraphs {
  readonly supergraphs: SupergraphFollowing
  readonly published: PublishedSubgraphs
}

/** What follows the supergraph of the registry, or of a file, and the ways to subgraphs that it brings. */
export function openSupergraphs(options: {
  readonly config: Config
  readonly secret: string
  readonly reached: Pick<SubgraphTransports, 'schemas'>
  readonly telemetry: Pick<Telemetry, 'watchOne'>
  /** Those of the product; those of published subgraphs come and go in it. */
  readonly transports: Map<string, Transport>
  readonly breakers: Map<string, CircuitBreaker>
  readonly query: SystemQuery
  readonly subscribe: SystemSubscription
  readonly now: () => Date
  readonly log: Logger
  /** The longest that an operation takes. */
  readonly deadlineMs: number
}): OpenedSupergraphs {
  const { config, secret, reached, telemetry, transports, breakers, query, subscribe, now, log, deadlineMs } = options
  const published = createPublishedSubgraphs({
    config,
    signatureKey: deriveSecret(secret, 'gateway-signature'),
    transports,
    watch: (name, transport, breaker) => {
      breakers.set(name, breaker)
      return telemetry.watchOne(name, transport)
    },
    now,
    graceMs: 2 * deadlineMs,
  })
  const source = supergraphSource(config, { office: reached.schemas, query, subscribe })
  return { published, supergraphs: followSupergraph({ source, published, log }) }
}
