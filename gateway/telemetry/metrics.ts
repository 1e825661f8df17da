import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { CallWindow } from './call-window.ts'
import { DurationHistogram, TallyCounter } from './tallies.ts'

/** The gateway's Prometheus metrics; docs/observability.md lists them. */
export interface Metrics {
  /** The text that Prometheus reads, and its content type. */
  text(): Promise<string>
  readonly contentType: string
  readonly registry: Registry
  readonly operations: TallyCounter<'type' | 'outcome'>
  readonly operationSeconds: DurationHistogram<'type'>
  readonly stageSeconds: DurationHistogram<'stage'>
  readonly points: Counter
  readonly subgraphCalls: TallyCounter<'subgraph' | 'outcome'>
  readonly subgraphSeconds: DurationHistogram<'subgraph'>
  /** Shows how many calls to each subgraph are under way when somebody looks. */
  showRunningCalls(windows: ReadonlyMap<string, Pick<CallWindow, 'running'>>): void
  /** Shows how many subscriptions are open when somebody looks. */
  showStreams(open: () => number): void
  /** Shows which supergraph is served and which one was refused, when somebody looks. */
  showSupergraphs(status: () => SupergraphsShown): void
  /** Shows the breakers of subgraphs as they are when somebody looks. */
  showBreakers(breakers: ReadonlyMap<string, { readonly state: keyof typeof breakerValue }>): void
}

/** Null for the served one: that of the product alone. */
interface SupergraphsShown {
  readonly supergraph: string | null
  readonly refusedSupergraph: { readonly name: string } | null
}

const breakerValue = { closed: 0, 'half-open': 1, open: 2 } as const

/** From 0.1 ms to 10 s, in steps of 2 to 2.5. */
const seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    operations: new TallyCounter({
      name: 'tributary_operations_total',
      help: 'Operations by type and outcome: ok, partial, or the code of the error that refused them.',
      labelNames: ['type', 'outcome'],
      registers,
    }),
    operationSeconds: new DurationHistogram({
      name: 'tributary_operation_duration_seconds',
      help: 'Time from the arrival of an operation to its answer; of subscriptions, to their beginning.',
      labelNames: ['type'],
      buckets: seconds,
      registers,
    }),
    stageSeconds: new DurationHistogram({
      name: 'tributary_stage_duration_seconds',
      help: 'Time that one operation spent in each stage of the gateway.',
      labelNames: ['stage'],
      buckets: seconds,
      registers,
    }),
    points: new Counter({
      name: 'tributary_points_total',
      help: 'Points that operations have cost after refunds.',
      registers,
    }),
    subgraphCalls: new TallyCounter({
      name: 'tributary_subgraph_calls_total',
      help: 'Calls to subgraphs by outcome: ok, or the code of the error; the look-ups of callers included.',
      labelNames: ['subgraph', 'outcome'],
      registers,
    }),
    subgraphSeconds: new DurationHistogram({
      name: 'tributary_subgraph_call_duration_seconds',
      help: 'Time that calls to a subgraph took, retries and waiting for a free connection included.',
      labelNames: ['subgraph'],
      buckets: seconds,
      registers,
    }),
    showRunningCalls(windows) {
      const gauge: Gauge<'subgraph'> = new Gauge({
        name: 'tributary_subgraph_calls_running',
        help: 'Calls to a subgraph that are under way now.',
        labelNames: ['subgraph'],
        registers,
        collect() {
          for (const [subgraph, window] of windows) gauge.set({ subgraph }, window.running())
        },
      })
    },
    showStreams(open) {
      const gauge: Gauge = new Gauge({
        name: 'tributary_open_streams',
        help: 'Subscriptions that are open now.',
        registers,
        collect() {
          gauge.set(open())
        },
      })
    },
    showSupergraphs(status) {
      const served: Gauge<'supergraph'> = new Gauge({
        name: 'tributary_supergraph_served',
        help: 'Always 1, with the supergraph that is served: its number or hash, or product for that of the product alone.',
        labelNames: ['supergraph'],
        registers,
        collect() {
          served.reset()
          served.set({ supergraph: status().supergraph ?? 'product' }, 1)
        },
      })
      const refused: Gauge<'supergraph'> = new Gauge({
        name: 'tributary_supergraph_refused',
        help: 'The supergraph that cannot be served and has been refused; no sample while there is none.',
        labelNames: ['supergraph'],
        registers,
        collect() {
          refused.reset()
          const { refusedSupergraph } = status()
          if (refusedSupergraph) refused.set({ supergraph: refusedSupergraph.name }, 1)
        },
      })
    },
    showBreakers(breakers) {
      const gauge: Gauge<'subgraph'> = new Gauge({
        name: 'tributary_subgraph_breaker',
        help: 'The breaker of a subgraph: 0 closed, 1 trying again, 2 open.',
        labelNames: ['subgraph'],
        registers,
        collect() {
          for (const [subgraph, { state }] of breakers) gauge.set({ subgraph }, breakerValue[state])
        },
      })
    },
  }
}
