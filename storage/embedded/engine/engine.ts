import type { Catalog } from './catalog.ts'
import type { Timestamp } from 'bson'
import type { Clock } from './clock.ts'
import type { Cursors } from './cursors.ts'
import type { Ddl } from './ddl.ts'
import type { Environment } from './environment.ts'
import type { Locks } from './locks.ts'
import type { Writer } from './writer.ts'
import type { Sessions } from '../sessions/sessions.ts'

/** The parts of the running database. */
export type Engine = {
  readonly environment: Environment
  readonly catalog: Catalog
  readonly clock: Clock
  readonly locks: Locks
  readonly writer: Writer
  readonly ddl: Ddl
  readonly cursors: Cursors
  readonly sessions: Sessions
  /** What hello tells as this server's own address. */
  readonly address: string
  /** Ends what goes on by itself, and waits until all that was to be written is. */
  finish(): Promise<void>
  /** The newest durable log time, as every reply tells it. */
  operationTime(): { operationTime: Timestamp }
}
