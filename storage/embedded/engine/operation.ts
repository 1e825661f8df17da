import { setImmediate } from 'node:timers/promises'
import { CommandError } from '../errors.ts'

/** Something that holds resources of lmdb while an operation runs. */
export type Releasable = { release(): void }

/** How long one operation may keep others from running, in milliseconds. */
const turnMs = 5

/** One command while it runs: its deadline, and its turns between which others get theirs. */
export class Operation {
  private deadline = Number.POSITIVE_INFINITY
  private readonly held = new Set<Releasable>()
  private turnEnds = 0
  private stopped: CommandError | undefined

  /** `maxTimeMs` of 0 is no limit, as in MongoDB. */
  constructor(maxTimeMs: number) {
    this.resume(maxTimeMs)
  }

  /** Starts the clock anew: a cursor's operation goes on with every getMore. */
  resume(maxTimeMs: number): void {
    this.deadline = maxTimeMs > 0 ? performance.now() + maxTimeMs : Number.POSITIVE_INFINITY
    this.turnEnds = performance.now() + turnMs
  }

  /** Throws when the operation must not go on. */
  check(): void {
    if (this.stopped !== undefined) throw this.stopped
    if (performance.now() > this.deadline) throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit')
  }

  /** Waits for something, but not beyond the deadline. */
  async until(event: Promise<void>): Promise<void> {
    if (this.deadline === Number.POSITIVE_INFINITY) return event
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, this.deadline - performance.now()) + 1)
    })
    await Promise.race([event, late])
    clearTimeout(timer)
    this.check()
  }

  /** Makes the next check throw, as when the cursor was killed or the connection is gone. */
  stop(error: CommandError): void {
    this.stopped = error
  }

  hold<T extends Releasable>(resource: T): T {
    this.held.add(resource)
    return resource
  }

  /** Lets go of everything held, which takes itself up again when it is used again. */
  release(): void {
    for (const resource of this.held) resource.release()
  }

  get turnIsOver(): boolean {
    return performance.now() > this.turnEnds
  }

  /** Lets others run if this operation's turn is over; to be called in every loop that a client can make long. */
  breatheWhenOver(): Promise<void> | undefined {
    return this.turnIsOver ? this.breathe() : undefined
  }

  /** Lets others run. */
  async breathe(): Promise<void> {
    this.check()
    this.release()
    await setImmediate()
    this.turnEnds = performance.now() + turnMs
  }
}
