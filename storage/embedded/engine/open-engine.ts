import { Sessions } from '../sessions/sessions.ts'
import { Catalog } from './catalog.ts'
import { Clock, toTimestamp, type LogTime } from './clock.ts'
import { Cursors } from './cursors.ts'
import { Ddl } from './ddl.ts'
import type { Engine } from './engine.ts'
import type { Environment } from './environment.ts'
import { garbageTables, sweepTable } from './garbage.ts'
import { tableRange, tables } from './keys.ts'
import { Locks } from './locks.ts'
import { Writer } from './writer.ts'

export type EngineOptions = {
  environment: Environment
  address: string
  /** Told of faults in work that nobody waits for. */
  onFault: (error: unknown) => void
  /** By which cursors, sessions and transactions time out: milliseconds that are never set back. */
  now?: () => number
}

/** Puts the parts of the database together over an open environment. */
export function openEngine({ environment, address, onFault, now = () => performance.now() }: EngineOptions): Engine {
  const newest = lastLogTime(environment)
  const clock = new Clock(newest)
  const locks = new Locks()
  const writer = new Writer({ environment, clock, locks }, newest)
  const catalog = new Catalog(environment)
  const stopping = new AbortController()
  const sweeping = new Set<Promise<void>>()
  const sweep = (garbage: readonly number[]): void => {
    for (const table of garbage) {
      const swept: Promise<void> = sweepTable({ environment, writer, signal: stopping.signal }, table)
        .catch(onFault)
        .finally(() => sweeping.delete(swept))
      sweeping.add(swept)
    }
  }
  sweep(garbageTables(environment))
  return {
    environment,
    catalog,
    clock,
    locks,
    writer,
    ddl: new Ddl({ catalog, writer, environment, onGarbage: sweep }),
    cursors: new Cursors(now),
    sessions: new Sessions({ environment, catalog, locks, writer, clock, now }),
    address,
    async finish() {
      stopping.abort()
      await Promise.all(sweeping)
      await writer.idle()
    },
    operationTime: () => ({ operationTime: toTimestamp(writer.durable) }),
  }
}

function lastLogTime(environment: Environment): LogTime {
  for (const { key } of environment.range(tableRange(tables.oplog), true)) return key.readBigUInt64BE(4)
  // Nothing is 0, which would mean that there is no time.
  return BigInt(Math.floor(Date.now() / 1000)) << 32n
}
