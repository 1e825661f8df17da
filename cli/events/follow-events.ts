import { setTimeout as pause } from 'node:timers/promises'
import { type GraphClient, GraphError, UnreachableError } from '../../sdk/graph-client.ts'

/** An event as polls answer it. */
export interface EventAnswer {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly sequence: string
  readonly cursor: string
  readonly data: Readonly<Record<string, unknown>>
}

interface Page {
  readonly nodes: readonly EventAnswer[]
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
}

const pageQuery = `query ($after: String, $types: [String!]) {
  events(after: $after, first: 250, types: $types) {
    nodes { id source type subject time sequence cursor data } pageInfo { endCursor hasNextPage }
  }
}`

/** The cursor behind the newest event. */
export async function newestCursor(graph: GraphClient): Promise<string> {
  const { eventLog } = await graph.request<{ eventLog: { newest: string } }>('{ eventLog { newest } }')
  return eventLog.newest
}

/**
 * Every event after a cursor, in order and each once, in pages; when the end is reached it asks again every two seconds
 * (`everyMs`), or ends where `once` says so. A graph that is away for a while is asked on.
 */
export async function* followEvents(
  graph: GraphClient,
  options: {
    readonly after: string
    readonly types: readonly string[] | null
    readonly once: boolean
    readonly everyMs: number
    readonly signal: AbortSignal
    readonly onTrouble: (message: string) => void
  },
): AsyncGenerator<{ readonly events: readonly EventAnswer[]; readonly cursor: string }, void, undefined> {
  const { types, once, everyMs, signal, onTrouble } = options
  let cursor = options.after
  for (;;) {
    // Pages follow each other by their cursors.
    const page = await readPage(graph, { after: cursor, types }).catch((error: unknown) => {
      const passing =
        error instanceof UnreachableError || (error instanceof GraphError && error.code.startsWith('SUBGRAPH_'))
      if (!passing || once) throw error
      onTrouble(error.message)
      return null
    })
    if (page !== null) {
      cursor = page.pageInfo.endCursor ?? cursor
      yield { events: page.nodes, cursor }
      if (page.pageInfo.hasNextPage) continue
      if (once) return
    }
    await pause(everyMs, undefined, { signal })
  }
}

async function readPage(
  graph: GraphClient,
  variables: { after: string; types: readonly string[] | null },
): Promise<Page> {
  const { events } = await graph.request<{ events: Page }>(pageQuery, variables)
  return events
}
