import { parse } from 'graphql'
import { sdlDifferences } from '../../kit/sdl-differences.ts'
import type { RecentCalls } from '../telemetry/call-window.ts'
import type { BreakerState } from '../transport/circuit-breaker.ts'
import type { ProbeStep, ProbedPath } from '../transport/probe-path.ts'

/** What the operator is told of one subgraph; docs/observability.md says what each part means. */
export interface SubgraphHealth {
  readonly name: string
  readonly status: 'ok' | 'unreachable' | 'differs' | 'broken'
  /** Null for a subgraph in this process. */
  readonly url: string | null
  readonly ready: boolean
  readonly breaker: BreakerState | null
  readonly version: string | null
  readonly path: readonly ProbeStep[]
  readonly calls: RecentCalls | null
}

/** One subgraph as the gateway reaches it. */
export interface WatchedSubgraph {
  readonly name: string
  /** Null where nobody knows it, as of a supergraph from a file. */
  readonly publishedSdl: string | null
  readonly url: string | null
  readonly breaker: { readonly state: BreakerState } | null
  readonly calls: () => RecentCalls | null
  /** The version of a subgraph that does not tell its own. */
  readonly version: string | null
  readonly probe: (signal: AbortSignal) => Promise<ProbedPath>
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded'
  /** Whether the Redis of the limits answers; null where none is used. */
  readonly redis: 'ok' | 'unreachable' | null
  readonly subgraphs: readonly SubgraphHealth[]
}

const probeTimeoutMs = 3_000
/** More differences than this help nobody. */
const mostDifferences = 5

/** Probes all subgraphs at once; who asks while that is under way gets the same report. */
export function createHealthReports(
  subgraphs: () => readonly WatchedSubgraph[],
  reachesRedis: () => boolean | null = () => null,
): () => Promise<HealthReport> {
  let running: Promise<HealthReport> | undefined
  const report = async (): Promise<HealthReport> => {
    const found = await Promise.all(subgraphs().map(healthOf))
    const reached = reachesRedis()
    const redis = reached === null ? null : reached ? 'ok' : 'unreachable'
    const sound = redis !== 'unreachable' && found.every(({ status }) => status === 'ok')
    return { status: sound ? 'ok' : 'degraded', redis, subgraphs: found }
  }
  return () => {
    running ??= report().finally(() => {
      running = undefined
    })
    return running
  }
}

async function healthOf(subgraph: WatchedSubgraph): Promise<SubgraphHealth> {
  const { name, url, breaker, calls } = subgraph
  const { steps, version, sdl } = await subgraph.probe(AbortSignal.timeout(probeTimeoutMs))
  const { publishedSdl } = subgraph
  const path = sdl === null || publishedSdl === null ? steps : [...steps, compared(publishedSdl, sdl)]
  const ready = sdl !== null
  const state = breaker?.state ?? null
  const status = !ready ? 'unreachable' : path.some(({ ok }) => !ok) ? 'differs' : state === 'open' ? 'broken' : 'ok'
  return { name, status, url, ready, breaker: state, version: version ?? subgraph.version, path, calls: calls() }
}

function compared(published: string, served: string): ProbeStep {
  const begun = performance.now()
  let differences: readonly string[]
  try {
    differences = published === served ? [] : sdlDifferences(parse(published), parse(served))
  } catch (error) {
    differences = [`Its schema cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
  const shown = differences.slice(0, mostDifferences)
  const more = differences.length - shown.length
  return {
    step: 'schema',
    ok: differences.length === 0,
    tookMs: Math.round((performance.now() - begun) * 100) / 100,
    failure: differences.length === 0 ? null : `${shown.join(' ')}${more > 0 ? ` And ${more} more.` : ''}`,
  }
}
