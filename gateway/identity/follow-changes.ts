import { z } from 'zod'
import type { Logger } from '../../kit/log.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { NotedChanges } from './identity-changes.ts'

/** Opens a subscription of a subgraph for the gateway itself; resolves when what happens from then on is told. */
export type SystemSubscription = (
  subgraph: string,
  query: string,
  signal: AbortSignal,
) => Promise<SubgraphResult | AsyncIterableIterator<SubgraphResult, undefined>>

/** The subscriptions that tell of changes. Each gives a sign of life every second. */
const feeds = [
  { subgraph: 'partner', query: 'subscription { identityChanged { subject id } }' },
  { subgraph: 'billing', query: 'subscription { limitsChanged { subject id } }' },
] as const

const changeSchema = z.object({ subject: z.string().nullable(), id: z.string().nullable() })

export interface FollowOptions {
  readonly subscribe: SystemSubscription
  readonly log: Logger
  readonly nowMs: () => number
  /** A feed that says nothing for so long is taken for cut. */
  readonly silenceMs?: number
  /** How long opening one may take. */
  readonly openingMs?: number
  /** How long a feed that was cut is waited with before it is opened again: each time twice as long, up to ten times. */
  readonly retryMs?: number
}

/**
 * Follows what the partner and billing subgraphs tell of callers, over feeds that are opened again whenever they end.
 * Changes are complete while all feeds are there and say so every second.
 */
export function followChanges(
  changes: NotedChanges,
  { subscribe, log, nowMs, silenceMs = 2_500, openingMs = 10_000, retryMs = 500 }: FollowOptions,
): { close(): Promise<void> } {
  const closing = new AbortController()

  const followOne = ({ subgraph, query }: (typeof feeds)[number]) => {
    const state: { openedAt: number | null; heardAt: number; failures: number } = {
      openedAt: null,
      heardAt: 0,
      failures: 0,
    }
    const followed = async (): Promise<void> => {
      const cut = new AbortController()
      const signal = AbortSignal.any([cut.signal, closing.signal])
      state.heardAt = nowMs()
      // What is silent is cut off here too: it may be a connection whose other end is gone.
      const watch = setInterval(() => {
        const patience = state.openedAt === null ? openingMs : silenceMs
        if (nowMs() - state.heardAt > patience) cut.abort(new Error(`${subgraph} has said nothing of callers`))
      }, silenceMs / 2).unref()
      try {
        // Before it is open: a change in between is told twice, not missed.
        const source = await subscribe(subgraph, query, signal)
        if (!(Symbol.asyncIterator in source)) throw new Error(`refused: ${JSON.stringify(source.errors)}`)
        state.openedAt = state.heardAt = nowMs()
        state.failures = 0
        for await (const { data, errors } of source) {
          if (errors?.length || !data) throw new Error(`an answer with errors: ${JSON.stringify(errors)}`)
          state.heardAt = nowMs()
          for (const change of Object.values(data)) {
            const { subject, id } = changeSchema.parse(change)
            if (subject !== null && id !== null) changes.note(`${subject}:${id}`)
          }
        }
        throw new Error('the feed ended')
      } finally {
        state.openedAt = null
        clearInterval(watch)
        cut.abort()
      }
    }
    const run = async (): Promise<void> => {
      while (!closing.signal.aborted) {
        try {
          await followed()
        } catch (error) {
          if (closing.signal.aborted) return
          // Once per outage.
          if (state.failures === 0) {
            log.warn({ err: error, subgraph }, 'changes of callers are not told now; they are looked up instead')
          }
          state.failures += 1
        }
        // Slower and slower: to fail often would open the breaker, which look-ups pass too.
        await pause(Math.min(10, 2 ** state.failures) * retryMs, closing.signal)
      }
    }
    const completeSince = (): number | null =>
      state.openedAt !== null && nowMs() - state.heardAt <= silenceMs ? state.openedAt : null
    return { running: run(), completeSince }
  }

  const followed = feeds.map(followOne)
  changes.follow(() => {
    let since = Number.NEGATIVE_INFINITY
    for (const { completeSince } of followed) {
      const one = completeSince()
      if (one === null) return null
      if (one > since) since = one
    }
    return since
  })
  return {
    async close() {
      closing.abort()
      await Promise.all(followed.map(({ running }) => running))
    },
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    timer.unref()
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
