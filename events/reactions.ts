import type { Connection } from 'mongoose'
import type { Logger } from '../kit/log.ts'
import type { LiveEvents } from './live-events.ts'
import { backoffMs, pause } from './pause.ts'
import { openPlaces } from './places.ts'
import type { WorkLease } from './relay.ts'
import { type BoundReaction, type ReactionRun, createReactionRun } from './run-reaction.ts'
import { type Wake, createWake } from './wake.ts'
import { type WorkingSession, openWorkingSession } from './working-session.ts'

/** How long the holder of the lease may take before others do its work. */
const defaultGraceMs = 1_000
const defaultRetryDelaysMs = [100, 500, 2_000]
/** How often it is looked whether a parked event is due, while there are any. */
const parkedEveryMs = 5_000
/** How often a reaction looks by itself: who held the lease may be gone, with events parked. */
const lookEveryMs = 60_000

export interface Reactions {
  /** Resolves when every reaction has handled or parked its events up to this position, and tried what was due. */
  reached(position: number): Promise<void>
  close(): Promise<void>
}

export interface ReactionsOptions {
  readonly reactions: readonly BoundReaction[]
  readonly live: LiveEvents
  readonly lease: WorkLease
  readonly log: Logger
  readonly now: () => Date
  readonly graceMs?: number
  readonly retryDelaysMs?: readonly number[]
}

interface Runner {
  readonly wake: Wake
  readonly wanted: ReadonlySet<string>
  readonly run: ReactionRun
  readonly work: WorkingSession
  /** How many rounds it has begun, and which one it has ended last. */
  readonly rounds: { begun: number; ended: number }
}

/**
 * Runs reactions along the log, each at its own pace from its own durable place. Several processes may: the lease has
 * one of them work, and the place, moved in the transaction of the handler, keeps what two do from being done twice.
 */
export function startReactions(connection: Connection, options: ReactionsOptions): Reactions {
  const { reactions, live, lease, log, now } = options
  const { graceMs = defaultGraceMs, retryDelaysMs = defaultRetryDelaysMs } = options
  const closing = new AbortController()
  const isClosing = (): boolean => closing.signal.aborted
  const wait = (milliseconds: number): Promise<void> => pause(milliseconds, closing.signal)
  const waiters = new Set<() => void>()
  let stopListening: (() => void) | undefined
  let look: NodeJS.Timeout | undefined
  let runners: readonly Runner[] = []
  let running: Promise<unknown> = Promise.resolve()

  /** Whether this process is to work without the lease: who holds it has not moved the place for a while. */
  async function isMine(run: ReactionRun): Promise<boolean> {
    const before = await run.reload()
    await wait(graceMs)
    return (await run.reload()).position === before.position
  }

  async function runOne({ run, work, wake, rounds }: Runner): Promise<void> {
    let held = false
    let failures = 0
    while (!isClosing()) {
      rounds.begun += 1
      try {
        const holds = await lease.hold()
        // What another process has done meanwhile is in the place.
        if (holds && !held) await run.reload()
        held = holds
        if (!held) work.yielded()
        while (!held && !isClosing() && !(await isMine(run))) held = await lease.hold()
        await run.catchUp()
        failures = 0
        rounds.ended = rounds.begun
        for (const check of waiters) check()
        const later = run.parked() > 0 ? setTimeout(() => wake.ring(), parkedEveryMs).unref() : undefined
        if (!isClosing()) await wake.heard()
        clearTimeout(later)
      } catch (error) {
        if (isClosing()) return
        failures += 1
        log.error({ err: error, failures }, 'reactions cannot go on; they are tried again')
        await wait(backoffMs(failures))
      }
    }
  }

  /** Hears of new events, also after the live stream was lost: then each reaction looks for itself. */
  async function listen(): Promise<void> {
    await live.open()
    stopListening = live.listen({
      onEvent({ type, position }) {
        for (const { wanted, run, wake } of runners) if (wanted.has(type) || !run.skip(position)) wake.ring()
      },
      onEnd() {
        if (!isClosing()) listening = again(listen)
      },
    })
    for (const { wake } of runners) wake.ring()
    look ??= setInterval(() => {
      for (const { wake } of runners) wake.ring()
    }, lookEveryMs).unref()
  }

  async function start(): Promise<void> {
    await openPlaces(connection, reactions)
    const opened = await Promise.all(
      reactions.map(async (reaction) => {
        const work = openWorkingSession(connection, reaction.name)
        const run = createReactionRun(connection, reaction, { work, log, now, retryDelaysMs, pause: wait, isClosing })
        const { parked } = await run.reload()
        if (parked > 0) log.warn({ reaction: reaction.name, parked }, 'a reaction has parked events')
        return { run, work, wake: createWake(), wanted: new Set(reaction.types), rounds: { begun: 0, ended: 0 } }
      }),
    )
    if (isClosing()) return
    runners = opened
    running = Promise.all(opened.map(runOne))
  }

  async function again(work: () => Promise<void>): Promise<void> {
    for (let failures = 0; !isClosing(); failures += 1) {
      try {
        return await work()
      } catch (error) {
        if (isClosing()) return
        log.error({ err: error }, 'reactions could not begin; they are tried again')
        await wait(backoffMs(failures))
      }
    }
  }

  const started = reactions.length === 0 ? Promise.resolve() : again(start)
  let listening = reactions.length === 0 ? Promise.resolve() : started.then(() => again(listen))

  return {
    async reached(position) {
      await started
      await Promise.all(
        runners.map(
          ({ run, wake, rounds }) =>
            new Promise<void>((resolve) => {
              const next = rounds.begun + 1
              const check = (): void => {
                if ((rounds.ended < next || run.upTo() < position) && !isClosing()) return
                waiters.delete(check)
                resolve()
              }
              waiters.add(check)
              wake.ring()
            }),
        ),
      )
    },
    async close() {
      closing.abort()
      stopListening?.()
      for (const { wake } of runners) wake.ring()
      await started
      await listening
      stopListening?.()
      clearInterval(look)
      await running
      for (const check of waiters) check()
      try {
        await Promise.all(runners.map(({ run }) => run.keep()))
        await Promise.all([lease.release(), ...runners.map(({ work }) => work.close())])
      } catch (error) {
        // A database that is gone keeps places and lease as they were; nothing is lost by that.
        log.warn({ err: error }, 'the places of reactions stay where they were kept last')
      }
    },
  }
}
