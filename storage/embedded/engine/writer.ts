import { encodeChange } from '../oplog/change.ts'
import { logKey } from '../oplog/log-position.ts'
import type { Clock, LogTime } from './clock.ts'
import type { Environment } from './environment.ts'
import { tableKey, tables } from './keys.ts'
import { Blocked, type Locks } from './locks.ts'
import type { Operation } from './operation.ts'
import { ImmediateUnit } from './unit.ts'
import { overlay, WriteSet } from './write-set.ts'

type Job = {
  run(unit: ImmediateUnit): unknown
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Work that runs between groups. */
type ExclusiveWork = () => Promise<void>

type Outcome = { job: Job; wrote: boolean } & ({ value: unknown } | { error: unknown })

const logBytesKey = tableKey(tables.meta, Buffer.from('oplog bytes'))

/** How long the jobs of one group may keep reads waiting, in milliseconds; the rest form the next group. */
const groupMs = 10

export type WriterOptions = { environment: Environment; clock: Clock; locks: Locks }

/**
 * The one place that writes. Units run one after the other on the newest state; those that wait at the same time,
 * from whatever connections, are committed and flushed together, and answered only when they are on disk.
 */
export class Writer {
  /** The newest log time that is on disk; what is above it must not be told to change streams yet. */
  durable: LogTime
  /** The bytes of all events in the oplog. */
  logBytes: number
  private readonly environment: Environment
  private readonly shared: { readonly locks: Locks; readonly clock: Clock }
  private readonly waiting: (Job | ExclusiveWork)[] = []
  private readonly durableListeners = new Set<() => void>()
  private working: Promise<void> | undefined

  constructor({ environment, clock, locks }: WriterOptions, durable: LogTime) {
    this.environment = environment
    this.shared = { clock, locks }
    this.durable = durable
    this.logBytes = environment.get(logBytesKey)?.readDoubleBE(0) ?? 0
  }

  /**
   * Runs a job against the newest state and resolves when its writes are durable. A throw discards its writes. A long
   * job may wait now and then, to let reads through: nothing else writes before it ends. A job that meets an open
   * transaction's writes runs again after it, so it must have no other effects.
   */
  async run<T>(job: (unit: ImmediateUnit) => T | Promise<T>, operation?: Operation): Promise<T> {
    for (;;) {
      try {
        return await this.enqueue(job)
      } catch (error) {
        if (!(error instanceof Blocked)) throw error
        await (operation === undefined ? error.owner.finished : operation.until(error.owner.finished))
      }
    }
  }

  /** Runs work between two groups, while no other unit runs; it writes through `apply`. */
  exclusive<T>(work: (apply: (job: (unit: ImmediateUnit) => void) => Promise<void>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push(() =>
        work(async (job) => {
          const unit = new ImmediateUnit(this.environment, this.shared)
          job(unit)
          const sealed = this.seal(unit)
          await this.apply(unit.writes, sealed.grown)
          await this.environment.flushed()
          this.advance(sealed.time)
        }).then(resolve, reject),
      )
      this.start()
    })
  }

  /** Calls back whenever more of the oplog is durable, until the returned function is called. */
  onDurable(listener: () => void): () => void {
    this.durableListeners.add(listener)
    return () => this.durableListeners.delete(listener)
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    while (this.working !== undefined) await this.working
  }

  private enqueue<T>(run: (unit: ImmediateUnit) => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run, resolve, reject })
      this.start()
    })
  }

  private start(): void {
    this.working ??= this.drain().finally(() => {
      this.working = undefined
      if (this.waiting.length > 0) this.start()
    })
  }

  private async drain(): Promise<void> {
    // Whatever else arrived in this turn joins the group.
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const first = this.waiting[0]
      if (typeof first === 'function') {
        this.waiting.shift()
        await first()
      } else {
        await this.commitGroup()
      }
    }
  }

  private async commitGroup(): Promise<void> {
    const writes = new WriteSet()
    const view = overlay(this.environment, writes)
    const outcomes: Outcome[] = []
    let time = this.durable
    let grown = 0
    const groupEnds = performance.now() + groupMs
    for (let job = this.waiting[0]; isJob(job) && performance.now() < groupEnds; job = this.waiting[0]) {
      this.waiting.shift()
      const unit = new ImmediateUnit(view, this.shared)
      try {
        const running = job.run(unit)
        // Most jobs are done at once, and need not wait for a turn of the event loop.
        const value: unknown = running instanceof Promise ? await running : running
        const sealed = this.seal(unit)
        if (sealed.time > time) time = sealed.time
        grown += sealed.grown
        writes.absorb(unit.writes)
        outcomes.push({ job, wrote: unit.writes.size > 0, value })
      } catch (error) {
        outcomes.push({ job, wrote: false, error })
      }
    }
    let failure: { error: unknown } | undefined
    if (writes.size > 0) {
      try {
        await this.apply(writes, grown)
      } catch (error) {
        failure = { error }
      }
    }
    // The next group may run while this one is flushed: it sees these writes, but is flushed after them.
    void this.finish(outcomes, failure, time)
  }

  private async finish(
    outcomes: readonly Outcome[],
    failure: { error: unknown } | undefined,
    time: LogTime,
  ): Promise<void> {
    let fault = failure
    try {
      // Also for jobs that failed: what they failed on may be another's write of this group.
      if (fault === undefined && outcomes.some(({ wrote }) => wrote)) await this.environment.flushed()
    } catch (error) {
      fault = { error }
    }
    if (fault === undefined) this.advance(time)
    for (const outcome of outcomes) {
      if ('error' in outcome) outcome.job.reject(outcome.error)
      else if (fault !== undefined && outcome.wrote) outcome.job.reject(fault.error)
      else outcome.job.resolve(outcome.value)
    }
  }

  /** Gives the unit's changes their place in the oplog; all of one unit share one time. */
  private seal({ changes, writes, trimmedBytes }: ImmediateUnit): { time: LogTime; grown: number } {
    if (changes.length === 0) return { time: this.durable, grown: -trimmedBytes }
    const time = this.shared.clock.next()
    let grown = -trimmedBytes
    for (const [index, change] of changes.entries()) {
      const bytes = encodeChange(change)
      grown += bytes.length
      writes.put(logKey(time, index), bytes)
    }
    return { time, grown }
  }

  /** Stores the writes, and with them the size of the oplog. */
  private async apply(writes: WriteSet, grown: number): Promise<void> {
    const value = Buffer.allocUnsafe(8)
    value.writeDoubleBE(this.logBytes + grown)
    writes.put(logBytesKey, value)
    await this.environment.apply(writes)
    this.logBytes += grown
  }

  private advance(time: LogTime): void {
    if (time <= this.durable) return
    this.durable = time
    for (const listener of this.durableListeners) listener()
  }
}

function isJob(item: Job | ExclusiveWork | undefined): item is Job {
  return typeof item === 'object'
}
