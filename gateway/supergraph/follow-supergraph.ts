import type { Logger } from '../../kit/log.ts'
import type { NextSupergraph, PreparedSupergraph } from '../plan/tributary-gateway.ts'
import type { PublishedSubgraph, PublishedSubgraphs } from '../subgraphs/published-subgraphs.ts'

/** A supergraph that is to be served. */
export interface FoundSupergraph {
  /** Tells it from others of its source: its number, or a hash. */
  readonly name: string
  readonly supergraphSdl: string
  readonly apiSdl: string
  /** The subgraphs in it that do not come with the product. */
  readonly published: readonly PublishedSubgraph[]
}

/** Where supergraphs come from. */
export interface SupergraphSource {
  /** Whether the gateway must not start without it. */
  readonly required: boolean
  /** The one to serve, unless it is the one that is known. Null when it is, or when there is none. */
  next(known: string | null): Promise<FoundSupergraph | null>
  /** Yields as soon as changes are told, and then when it is worth looking again. May fail, and is then asked again. */
  changes(signal: AbortSignal): AsyncIterable<unknown>
}

/** What serves supergraphs. */
export interface SupergraphServer {
  prepare(next: NextSupergraph): Promise<PreparedSupergraph>
  swap(prepared: PreparedSupergraph): void
}

export interface SupergraphFollowing {
  /** Serves what there is now, before it resolves, and from then on what comes. */
  follow(server: SupergraphServer): Promise<void>
  /** For `GET /health`: which one is served (null: that of the product alone), and which one was refused last. */
  status(): SupergraphStatus
  close(): Promise<void>
}

interface SupergraphStatus {
  readonly supergraph: string | null
  readonly refusedSupergraph: { readonly name: string; readonly reason: string } | null
}

interface FollowOptions {
  readonly source: SupergraphSource
  readonly published: PublishedSubgraphs
  readonly log: Logger
}

/** One that was refused is tried again after so long: what it was refused for may have been of the moment. */
const refusedForMs = 60_000
const retryMs = 1_000
/** The name of what has none, because it could not be read. */
const unread = 'unread'
/** Looked at besides, for changes that nobody has told. */
const lookEveryMs = 10_000

/**
 * Follows a source of supergraphs. One that cannot be served is refused: it is logged, told by `status`, and what was
 * served before goes on being served.
 */
export function followSupergraph({ source, published, log }: FollowOptions): SupergraphFollowing {
  const closing = new AbortController()
  let served: string | null = null
  let refused: (SupergraphStatus['refusedSupergraph'] & { readonly at: number }) | null = null
  let looking: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const look = async (server: SupergraphServer): Promise<void> => {
    const found = await source.next(served).catch((error: unknown) => {
      // A registry that is away has refused nothing; a file that cannot be read, or is no supergraph, has to be mended.
      if (source.required) refuse(unread, error)
      throw error
    })
    if (refused?.name === unread) refused = null
    if (found === null || closing.signal.aborted) return
    if (refused?.name === found.name && performance.now() - refused.at < refusedForMs) return
    try {
      const { supergraphSdl, apiSdl } = found
      const prepared = await server.prepare({ supergraphSdl, apiSdl, routes: published.reach(found.published) })
      server.swap(prepared)
      published.serve(found.published)
      served = found.name
      refused = null
      log.info({ supergraph: served }, 'another supergraph is served')
    } catch (error) {
      published.reach([])
      refuse(found.name, error)
      throw error
    }
  }
  const refuse = (name: string, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error)
    const isNews = refused?.name !== name || refused.reason !== reason
    refused = { name, reason, at: performance.now() }
    if (isNews) log.error({ err: error, supergraph: name }, 'a supergraph is refused; the one before is served on')
  }
  /** One look at a time; all who ask while one is under way get the next. */
  const lookAgain = (server: SupergraphServer): Promise<void> => {
    waiting ??= looking.then(() => {
      waiting = undefined
      // A refusal is told already; what cannot be reached is looked for again.
      looking = look(server).catch((error: unknown) => log.debug({ err: error }, 'no other supergraph is served'))
      return looking
    })
    return waiting
  }
  const followOn = async (server: SupergraphServer): Promise<void> => {
    let cut = false
    while (!closing.signal.aborted) {
      try {
        for await (const _ of source.changes(closing.signal)) {
          cut = false
          await lookAgain(server)
        }
      } catch (error) {
        if (closing.signal.aborted) return
        // Once per outage.
        if (!cut) log.warn({ err: error }, 'changes of the supergraph are not told now; they are looked for instead')
        cut = true
      }
      await pause(retryMs, closing.signal)
    }
  }

  return {
    async follow(server) {
      try {
        await look(server)
      } catch (error) {
        if (source.required) throw error
        log.error({ err: error }, 'the published supergraph is not served; that of the product alone is')
      }
      running = followOn(server)
      timer = setInterval(() => void lookAgain(server), lookEveryMs).unref()
    },
    status: () => ({
      supergraph: served,
      refusedSupergraph: refused && { name: refused.name, reason: refused.reason },
    }),
    async close() {
      closing.abort()
      clearInterval(timer)
      await running
      await looking
    },
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
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
