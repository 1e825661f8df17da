import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { GraphClient } from '../../sdk/graph-client.ts'
import { csvWriter } from '../csv-writer.ts'

interface RefusedLine {
  readonly line: number
  readonly column: string | null
  readonly code: string
  readonly message: string
}

interface Lines {
  readonly nodes: readonly RefusedLine[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

interface Page {
  readonly importJob: { readonly refusedLines: Lines } | null
}

const query = `query ($id: ID!, $after: String) {
  importJob(id: $id) {
    refusedLines(first: 250, after: $after) { nodes { line column code message } pageInfo { hasNextPage endCursor } }
  }
}`

/** Writes the refused lines of an import to a CSV file, page by page. */
export async function writeReport(graph: GraphClient, id: string, file: string): Promise<void> {
  await pipeline(refusedLines(graph, id), csvWriter(['line', 'column', 'code', 'message']), createWriteStream(file))
}

async function* refusedLines(graph: GraphClient, id: string): AsyncGenerator<RefusedLine, void, undefined> {
  let after: string | null = null
  for (;;) {
    const answer: Page = await graph.request<Page>(query, { id, after })
    const page: Lines | undefined = answer.importJob?.refusedLines
    if (page === undefined) return
    yield* page.nodes
    if (!page.pageInfo.hasNextPage) return
    after = page.pageInfo.endCursor
  }
}
