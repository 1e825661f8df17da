import { hostname } from 'node:os'
import { systemCaller } from '../../kit/caller.ts'
import { createId } from '../../kit/ids.ts'
import type { Logger } from '../../kit/log.ts'
import { productVersion } from '../../kit/version.ts'
import type { SupergraphFollowing } from '../supergraph/follow-supergraph.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'
import type { HealthReport, SubgraphHealth } from '../subgraphs/subgraph-health.ts'

const mutation = `mutation ReportGateway($report: GatewayReportInput!) { reportGateway(report: $report) }`

const reportEveryMs = 30_000
/** What is served may change any time, and who publishes wants to see it arrive. */
const lookEveryMs = 1_000

/** Tells the registry what this gateway serves and how its subgraphs are: twice a minute, and when what it serves changes. */
export function startGatewayReports(options: {
  readonly environment: 'live' | 'sandbox'
  readonly query: SystemQuery
  readonly status: SupergraphFollowing['status']
  readonly health: () => Promise<HealthReport>
  readonly now: () => Date
  readonly log: Logger
}): { close(): Promise<void> } {
  const { query, status, health, now, log } = options
  const self = {
    id: createId('Gateway'),
    environment: options.environment === 'live' ? 'LIVE' : 'SANDBOX',
    host: hostname().slice(0, 255),
    productVersion,
    startedAt: now().toISOString(),
  }
  let told: string | undefined
  let toldAt = 0
  let failing = false
  let running: Promise<void> | undefined
  let sending: Promise<unknown> | undefined
  let closed = false

  async function report(): Promise<void> {
    const { subgraphs } = await health()
    if (closed) return
    // After the look, which may take seconds: what is told was so at its end.
    const { supergraph, refusedSupergraph } = status()
    told = JSON.stringify({ supergraph, refusedSupergraph })
    toldAt = performance.now()
    const state = { supergraph, refusedSupergraph, subgraphs: subgraphs.map(subgraphOf) }
    const caller = systemCaller(['system:schemas'])
    const answer = query('schemas', mutation, { report: { ...self, ...state } }, caller)
    sending = answer
    const { data, errors } = await answer
    if (data?.['reportGateway'] !== true) throw new Error(errors?.[0]?.message ?? 'no answer')
    failing = false
  }
  function look(): void {
    const due = performance.now() - toldAt >= reportEveryMs || JSON.stringify(status()) !== told
    if (!due || running) return
    running = report()
      .catch((error: unknown) => {
        // Once per outage.
        if (!failing && !closed) log.warn({ err: error }, 'the registry is not told what this gateway serves')
        failing = true
        told = JSON.stringify(status())
        toldAt = performance.now()
      })
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  look()

  return {
    async close() {
      closed = true
      clearInterval(timer)
      // Not for a look at subgraphs, which may take seconds. Whether it arrived is dealt with where it is sent.
      await Promise.allSettled([sending])
    },
  }
}

function subgraphOf({ name, status, path, breaker, version, calls }: SubgraphHealth) {
  const failed = path.find(({ ok }) => !ok)
  const waiting = breaker === 'open' ? 'Its calls have failed of late; they are tried again in a while.' : null
  return {
    name,
    status: status.toUpperCase(),
    failure: failed ? `${failed.step}: ${failed.failure ?? 'failed'}` : waiting,
    version,
    calls: calls?.total ?? 0,
    failedCalls: Object.values(calls?.errors ?? {}).reduce((sum, count) => sum + count, 0),
    p95: calls?.latencyMs?.p95 ?? null,
  }
}
