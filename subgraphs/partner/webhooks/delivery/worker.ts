import type { RunningWorker } from '../../../../kit/background.ts'
import { publicEventTypes } from '../../../../kit/event-types.ts'
import type { EventFeed } from '../../../../kit/events.ts'
import { type EndpointIndex, createEndpointIndex } from './endpoint-index.ts'
import { createSlots } from './slots.ts'
import { type TurnDependencies, takeTurn } from './take-turn.ts'

/** How often all endpoints are looked at, so that their place does not fall behind what the log keeps. */
const sweepEveryMs = 60 * 60_000
const reloadEveryMs = 30_000
/** How long an endpoint is left alone that another process is at, and after a fault of ours. */
const busyWaitMs = 1_000
const faultWaitMs = 5_000
const dueAtOnce = 500
const closeWithinMs = 5_000

export interface DeliveryWorker extends RunningWorker {
  /** Does all that is due now, and resolves when nothing is. */
  runDue(): Promise<void>
}

export interface DeliveryWorkerOptions {
  readonly quickSlots?: number
  readonly slowSlots?: number
  /** How often it is looked what has become due, by this process or another. */
  readonly lookEveryMs?: number
  /** Delivers only when `runDue` is called. */
  readonly byHand?: boolean
}

/**
 * Delivers events to endpoints, together with the workers of other processes. The log itself is the queue: each endpoint
 * has a place in it, and only what failed becomes a document of its own that waits. A worker hears of events, knows in
 * memory whom they concern, and takes turns for those endpoints.
 */
export function startDeliveries(work: TurnDependencies, options: DeliveryWorkerOptions = {}): DeliveryWorker {
  const { models, events, log, now } = work
  const closing = new AbortController()
  const ending = new AbortController()
  const slots = createSlots({ quick: options.quickSlots ?? 32, slow: options.slowSlots ?? 128, slowAfterMs: 1_000 })
  let index: EndpointIndex = createEndpointIndex([])
  /** Endpoints to look at, those at which something is being done, and when to come back to some. */
  const waiting = new Set<string>()
  const active = new Map<string, Promise<void>>()
  const notBefore = new Map<string, number>()
  const failing = new Set<string>()
  let feed: EventFeed | undefined
  let [loadedAt, sweptAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  async function load(): Promise<void> {
    loadedAt = performance.now()
    index = createEndpointIndex(await models.webhooks.enabled())
  }

  /** Begins turns for those that wait, as far as there is room. */
  function pump(): void {
    for (const id of waiting) {
      if (closing.signal.aborted || (slots.free.quick === 0 && slots.free.slow === 0)) return
      if (active.has(id) || (notBefore.get(id) ?? 0) > performance.now()) continue
      const turn = slots.run(failing.has(id) ? 'slow' : 'quick', () => deliver(id))
      if (turn === undefined) continue
      waiting.delete(id)
      const done = turn.finally(() => {
        active.delete(id)
        pump()
      })
      active.set(id, done)
    }
  }

  async function deliver(id: string): Promise<void> {
    try {
      const result = await takeTurn(work, id, ending.signal)
      if (result === 'failing') failing.add(id)
      else if (result !== 'busy') failing.delete(id)
      if (result === 'busy') notBefore.set(id, performance.now() + busyWaitMs)
      else notBefore.delete(id)
      if (result === 'busy' || result === 'more') waiting.add(id)
    } catch (error) {
      if (closing.signal.aborted) return
      log.error({ err: error, webhookEndpoint: id }, 'deliveries to an endpoint failed; they are tried again')
      notBefore.set(id, performance.now() + faultWaitMs)
      waiting.add(id)
    }
  }

  async function look(): Promise<void> {
    if (performance.now() - loadedAt > reloadEveryMs) await load()
    if (performance.now() - sweptAt > sweepEveryMs) {
      sweptAt = performance.now()
      for (const id of index.ids) waiting.add(id)
    }
    for (const { _id, failing: fails } of await models.webhookProgress.due(now(), dueAtOnce)) {
      if (fails) failing.add(_id)
      waiting.add(_id)
    }
    pump()
  }

  /** Hears of events until the feed ends; then all endpoints are looked at, because something may have been missed. */
  async function listen(): Promise<void> {
    feed = await events.subscribe({ types: publicEventTypes.map(({ name }) => name), declarations: 'any' })
    if (closing.signal.aborted) return void (await feed.return?.())
    await load()
    sweptAt = Number.NEGATIVE_INFINITY
    for await (const event of feed) {
      if (event.type.startsWith('webhook_endpoint.')) {
        await load()
        waiting.add(event.subject)
      }
      for (const id of index.concerned(event)) waiting.add(id)
      pump()
    }
  }

  async function listening(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await listen()
      } catch (error) {
        if (closing.signal.aborted) return
        log.warn({ err: error }, 'webhooks do not hear of events; they listen anew')
        await new Promise<void>((resolve) => {
          setTimeout(resolve, busyWaitMs).unref()
        })
      }
    }
  }

  async function looking(): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch((error: unknown) => {
        if (!closing.signal.aborted) log.error({ err: error }, 'webhooks could not be looked after; it is tried again')
      })
      await pause(options.lookEveryMs ?? 1_000)
    }
  }
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds).unref()
      function done(): void {
        clearTimeout(timer)
        closing.signal.removeEventListener('abort', done)
        resolve()
      }
      closing.signal.addEventListener('abort', done)
    })

  const running = options.byHand ? Promise.resolve() : Promise.all([listening(), looking()])
  return {
    async runDue() {
      await load()
      for (const id of index.ids) waiting.add(id)
      await look()
      while (active.size > 0 || waiting.size > 0) {
        pump()
        if (active.size > 0) await Promise.race(active.values())
        else await pause(10)
      }
    },
    async close() {
      closing.abort()
      await feed?.return?.()
      const timer = setTimeout(() => ending.abort(), closeWithinMs).unref()
      await running
      await Promise.all(active.values())
      clearTimeout(timer)
    },
  }
}
