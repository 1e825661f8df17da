import type { Config } from '../../kit/config.ts'
import { subgraphKey } from '../../kit/subgraph-key.ts'
import { type CircuitBreaker, createCircuitBreaker } from '../transport/circuit-breaker.ts'
import { createRemoteTransport } from '../transport/remote-transport.ts'
import type { Transport } from '../transport/transport.ts'

/** A subgraph that is not ours, as a supergraph names it. */
export interface PublishedSubgraph {
  readonly name: string
  readonly url: string
  /** Its SDL; null where only a supergraph is known. */
  readonly sdl: string | null
}

/** A published subgraph with the way that it is reached. */
export interface ReachedSubgraph extends PublishedSubgraph {
  readonly route: string
  readonly breaker: CircuitBreaker
  readonly signatureKey: Uint8Array
}

export interface PublishedSubgraphs {
  /** Makes sure of a way to each, and answers the ways by name. They are kept as long as nothing else is served. */
  reach(subgraphs: readonly PublishedSubgraph[]): ReadonlyMap<string, string>
  /** These are served from now on: ways that are no longer used close when what goes over them must have ended. */
  serve(subgraphs: readonly PublishedSubgraph[]): void
  /** Those that are served now. */
  served(): readonly ReachedSubgraph[]
  close(): Promise<void>
}

export interface PublishedSubgraphsOptions {
  readonly config: Pick<Config, 'SUBGRAPH_TIMEOUT_MS' | 'SHARE_FETCHES'>
  /** The gateways' key, from which each subgraph's derives. */
  readonly signatureKey: Uint8Array
  /** Where ways are put, by route, for all who fetch. */
  readonly transports: Map<string, Transport>
  /** Has the calls of a way counted. */
  readonly watch: (name: string, transport: Transport, breaker: CircuitBreaker) => Transport
  readonly now: () => Date
  /** An operation that began on a way has ended so long after the way was given up. */
  readonly graceMs: number
}

interface Way {
  readonly name: string
  readonly route: string
  readonly transport: Transport
  readonly breaker: CircuitBreaker
  readonly signatureKey: Uint8Array
  closing: NodeJS.Timeout | undefined
}

/**
 * The ways to subgraphs that were published. One that moves gets another route, so that an operation which began before
 * ends where it began; one that is published again at the same place keeps its connections.
 */
export function createPublishedSubgraphs(options: PublishedSubgraphsOptions): PublishedSubgraphs {
  const { config, transports, watch, now, graceMs } = options
  const ways = new Map<string, Way>()
  let current: readonly PublishedSubgraph[] = []
  let opened = 0

  const keyOf = ({ name, url }: PublishedSubgraph): string => `${name} ${url}`
  const wayTo = (subgraph: PublishedSubgraph): Way => {
    const key = keyOf(subgraph)
    const known = ways.get(key)
    if (known) return known
    const { name, url } = subgraph
    opened += 1
    const breaker = createCircuitBreaker({ nowMs })
    const signatureKey = subgraphKey(options.signatureKey, name)
    const made = createRemoteTransport({ name, url, signatureKey, now, config, breaker })
    const transport = watch(name, made, breaker)
    // No name of a subgraph has a blank or an @.
    const way: Way = { name, route: `${name}@${opened}`, transport, breaker, signatureKey, closing: undefined }
    ways.set(key, way)
    transports.set(way.route, transport)
    return way
  }
  const giveUp = (key: string, way: Way): void => {
    way.closing ??= setTimeout(() => {
      ways.delete(key)
      transports.delete(way.route)
      void way.transport.close()
    }, graceMs).unref()
  }
  const keep = (subgraphs: readonly PublishedSubgraph[]): void => {
    const kept = new Set([...subgraphs, ...current].map(keyOf))
    for (const [key, way] of ways) {
      if (!kept.has(key)) giveUp(key, way)
      else if (way.closing !== undefined) {
        clearTimeout(way.closing)
        way.closing = undefined
      }
    }
  }

  return {
    reach(subgraphs) {
      const routes = new Map(subgraphs.map((subgraph) => [subgraph.name, wayTo(subgraph).route]))
      keep(subgraphs)
      return routes
    },
    serve(subgraphs) {
      current = subgraphs
      keep(subgraphs)
    },
    served: () =>
      current.map((subgraph) => {
        const { route, breaker, signatureKey } = wayTo(subgraph)
        return { ...subgraph, route, breaker, signatureKey }
      }),
    async close() {
      for (const { closing } of ways.values()) clearTimeout(closing)
      await Promise.all([...ways.values()].map(({ transport }) => transport.close()))
      ways.clear()
    },
  }
}

const nowMs = (): number => performance.now()
