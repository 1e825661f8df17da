import type { Config } from '../kit/config.ts'
import { openTracing } from '../kit/tracing.ts'
import { productVersion } from '../kit/version.ts'
import { type CallWindow, type RecentCalls, createCallWindow } from './telemetry/call-window.ts'
import { type Metrics, createMetrics } from './telemetry/metrics.ts'
import { observedTransport } from './telemetry/observed-transport.ts'
import { type OperationObserver, createOperationObserver } from './telemetry/operation-observer.ts'
import type { CircuitBreaker } from './transport/circuit-breaker.ts'
import type { Transport } from './transport/transport.ts'

export interface Telemetry {
  readonly metrics: Metrics
  readonly observe: OperationObserver
  /** The same ways to subgraphs, with each call counted and timed, and their breakers shown. */
  watch(
    transports: ReadonlyMap<string, Transport>,
    breakers: ReadonlyMap<string, CircuitBreaker>,
  ): ReadonlyMap<string, Transport>
  /** The same for one that comes later. */
  watchOne(name: string, transport: Transport): Transport
  /** What was called of a subgraph in the last minutes; null for one that is not watched. */
  recentCalls(subgraph: string): RecentCalls | null
  close(): Promise<void>
}

/** Metrics always; spans where the configuration says whom to send them to. */
export async function openTelemetry(config: Config): Promise<Telemetry> {
  const tracing = await openTracing({
    service: 'tributary-gateway',
    version: productVersion,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    share: config.OTEL_TRACES_SAMPLER_ARG,
  })
  const metrics = createMetrics()
  const windows = new Map<string, CallWindow>()
  metrics.showRunningCalls(windows)
  const windowOf = (name: string): CallWindow => {
    const window = windows.get(name) ?? createCallWindow(() => performance.now())
    windows.set(name, window)
    return window
  }
  const watchOne = (name: string, transport: Transport): Transport =>
    observedTransport(transport, { name, metrics, calls: windowOf(name) })
  return {
    metrics,
    observe: createOperationObserver(metrics, tracing?.tracer ?? null),
    watch(transports, breakers) {
      metrics.showBreakers(breakers)
      return new Map([...transports].map(([name, transport]) => [name, watchOne(name, transport)]))
    },
    watchOne,
    recentCalls: (subgraph) => windows.get(subgraph)?.read() ?? null,
    close: async () => tracing?.close(),
  }
}
