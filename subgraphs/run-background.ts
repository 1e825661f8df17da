import type { Connection } from 'mongoose'
import { startImports } from '../jobs/imports/run-imports.ts'
import { createLease } from '../jobs/lease.ts'
import { startTimers } from '../jobs/run-timers.ts'
import type { Logger } from '../kit/log.ts'
import type { SubgraphService } from '../kit/subgraph-service.ts'

/** Short enough for a reservation to be given back soon after its end, long enough to cost nothing while idle. */
const timersEveryMs = 5_000
const leaseSeconds = 30

/** Runs the work without requests of the subgraphs in this process, until it is closed. */
export function runBackground(
  services: readonly SubgraphService[],
  options: { readonly connection: Connection; readonly log: Logger; readonly now: () => Date },
): { close(): Promise<void> } {
  const { connection, log, now } = options
  const timers = services.map(({ name, background }) =>
    startTimers({
      timers: background.timers,
      lease: createLease(connection, { name: `timers:${name}`, seconds: leaseSeconds, now }),
      log,
      everyMs: timersEveryMs,
    }),
  )
  const imports = startImports({
    connection,
    importers: services.flatMap(({ background }) => background.importers),
    log,
    now,
  })
  return {
    async close() {
      await Promise.all([...timers, imports].map((running) => running.close()))
    },
  }
}
