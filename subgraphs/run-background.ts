import type { Connection } from 'mongoose'
import type { ProcessEventLog } from '../events/event-log.ts'
import { readRelayState } from '../events/collections.ts'
import { startReactions } from '../events/reactions.ts'
import { startRelay } from '../events/relay.ts'
import { startImports } from '../jobs/imports/run-imports.ts'
import { auditRetention } from '../jobs/audit-retention.ts'
import { createLease } from '../jobs/lease.ts'
import { startTimers } from '../jobs/run-timers.ts'
import type { Logger } from '../kit/log.ts'
import type { SubgraphService } from '../kit/subgraph-service.ts'

/** Short enough for a reservation to be given back soon after its end, long enough to cost nothing while idle. */
const timersEveryMs = 5_000
const auditEveryMs = 60_000
const leaseSeconds = 30
const defaultAuditDays = 400
/** After a crash nobody holds the leases of the event log for so long; others do the work meanwhile, a little later. */
const eventLeaseSeconds = 5

export interface RunningBackground {
  /** Resolves when all that was committed has its place in the log and every reaction to it is done or parked. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Runs the work without requests of the subgraphs in this process, until it is closed. */
export function runBackground(
  services: readonly Pick<SubgraphService, 'name' | 'background'>[],
  options: {
    readonly connection: Connection
    readonly eventLog: ProcessEventLog
    readonly log: Logger
    readonly now: () => Date
    /** How long entries of the audit log are kept. */
    readonly auditDays?: number
  },
): RunningBackground {
  const { connection, eventLog, log, now, auditDays = defaultAuditDays } = options
  const leaseOf = (name: string, seconds: number) => createLease(connection, { name, seconds, now })
  // Every process may run one: whichever it is that works, the log of all subgraphs is one.
  const relay = startRelay(connection, { log, now, lease: leaseOf('event-relay', eventLeaseSeconds) })
  const reactions = services.map(({ name, background }) =>
    startReactions(connection, {
      reactions: background.reactions,
      live: eventLog.live,
      lease: leaseOf(`reactions:${name}`, eventLeaseSeconds),
      log,
      now,
    }),
  )
  const timers = services.map(({ name, background }) =>
    startTimers({
      timers: background.timers,
      lease: leaseOf(`timers:${name}`, leaseSeconds),
      log,
      everyMs: timersEveryMs,
    }),
  )
  // Whichever process it is: the audit log of all subgraphs is one.
  timers.push(
    startTimers({
      timers: [auditRetention(connection, { days: auditDays, now })],
      lease: leaseOf('timers:audit', leaseSeconds),
      log,
      everyMs: auditEveryMs,
    }),
  )
  const importers = services.flatMap(({ background }) => background.importers)
  const imports = startImports({ connection, importers, log, now })
  const workers = services.flatMap(({ background }) => background.workers).map((worker) => worker.start())
  return {
    async settled() {
      // Reactions record events of their own: until a round finds nothing new.
      for (let [done, last] = [-1, 0]; done < last;) {
        await relay.settled()
        done = last
        last = (await readRelayState(connection)).position
        await Promise.all(reactions.map((running) => running.reached(last)))
      }
    },
    async close() {
      await Promise.all([...timers, ...reactions, ...workers, imports].map((running) => running.close()))
      // Last, so that what timers and reactions have recorded is in the log where nothing prevents it.
      await relay.close()
    },
  }
}
