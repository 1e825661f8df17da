import type { Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import type { Config } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { type RegisteredSubgraph, subgraphs } from '../../subgraphs/registry.ts'
import { createOutside } from '../../subgraphs/create-outside.ts'
import { runBackground } from '../../subgraphs/run-background.ts'
import { type CircuitBreaker, createCircuitBreaker } from '../transport/circuit-breaker.ts'
import { createInProcessTransport } from '../transport/in-process-transport.ts'
import { createRemoteTransport } from '../transport/remote-transport.ts'
import { type ProbedPath, probeInProcess, probePath } from '../transport/probe-path.ts'
import { subgraphAddress } from '../transport/subgraph-address.ts'
import type { Transport } from '../transport/transport.ts'

/** The subgraphs whose URL is not configured: they run in this process and need the database. */
export function subgraphsInProcess(config: Config): readonly RegisteredSubgraph[] {
  return subgraphs.filter(({ urlSetting }) => config[urlSetting] === undefined)
}

export interface SubgraphTransports {
  readonly transports: ReadonlyMap<string, Transport>
  /** Breakers of the subgraphs that are reached over HTTP. */
  readonly breakers: ReadonlyMap<string, CircuitBreaker>
  /** How each is looked at, whatever its breaker says. */
  readonly probes: ReadonlyMap<string, SubgraphProbe>
  /** Where supergraphs are composed and read. */
  readonly schemas: SchemaOffice
  close(): Promise<void>
}

export interface SubgraphProbe {
  /** Where it is reached, without credentials; null for one in this process. */
  readonly url: string | null
  readonly probe: (signal: AbortSignal) => Promise<ProbedPath>
}

/** One transport per subgraph: over HTTP where a URL is configured, else in process on the given connection. */
export async function createTransports(options: {
  readonly config: Config
  readonly secret: string
  readonly connection: Connection | null
  readonly log: Logger
  readonly now: () => Date
  /** The origin of this gateway; undefined until it listens. */
  readonly gateway: () => string | undefined
}): Promise<SubgraphTransports> {
  const { config, secret, connection, log, now, gateway } = options
  const transports = new Map<string, Transport>()
  const breakers = new Map<string, CircuitBreaker>()
  const probes = new Map<string, SubgraphProbe>()
  const signatureKey = deriveSecret(secret, 'gateway-signature')
  for (const { name, urlSetting } of subgraphs) {
    const url = config[urlSetting]
    if (url === undefined) continue
    const breaker = createCircuitBreaker({ nowMs })
    breakers.set(name, breaker)
    transports.set(name, createRemoteTransport({ name, url, signatureKey, now, config, breaker }))
    probes.set(name, {
      url: shownUrl(url),
      probe: (signal) => probePath({ name, url, signatureKey, now }, signal),
    })
  }
  let background: { close(): Promise<void> } | undefined
  const outside = createOutside({ config, secret, gateway, now })
  const events = connection ? createEventLog(connection, { log, now }) : null
  if (connection && events) {
    await Promise.all([prepareEventLog(connection), prepareMutations(connection)])
    const services = await Promise.all(
      subgraphsInProcess(config).map((subgraph) =>
        subgraph.createService({
          connection,
          events: events.forSource(subgraph.name),
          log,
          now,
          secretFor: (purpose) => deriveSecret(secret, purpose),
          outside,
        }),
      ),
    )
    for (const service of services) {
      const transport = createInProcessTransport(service)
      transports.set(service.name, transport)
      probes.set(service.name, { url: null, probe: (signal) => probeInProcess(transport, signal) })
    }
    background = runBackground(services, {
      connection,
      eventLog: events,
      log,
      now,
      auditDays: config.AUDIT_DAYS,
    })
  }
  return {
    transports,
    breakers,
    probes,
    schemas: outside.schemas,
    async close() {
      await background?.close()
      await outside.close()
      await Promise.all([...transports.values()].map((transport) => transport.close()))
      await events?.close()
    },
  }
}

/** The URL of a subgraph without what may be secret in it. */
export function shownUrl(url: string): string {
  const { origin, path, socketPath } = subgraphAddress(url)
  return socketPath === undefined ? `${origin}${path}` : `unix://${socketPath}`
}

const nowMs = (): number => performance.now()
