import { print } from 'graphql'
import { type GraphClient, GraphError } from '../../sdk/graph-client.ts'
import { type Column, selectionOf } from './columns.ts'
import type { ConnectionPath } from './connection-path.ts'

interface Page {
  readonly nodes: readonly unknown[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const largestPage = 250

/** Some nodes of a connection and the cursor behind them. */
export interface ExportedPage {
  readonly nodes: readonly unknown[]
  readonly endCursor: string | null
}

/** The pages of a connection in its order. */
export async function* readPages(options: {
  readonly graph: GraphClient
  readonly path: ConnectionPath
  readonly columns: readonly Column[]
  readonly after: string | null
}): AsyncGenerator<ExportedPage, void, undefined> {
  const { graph, path, columns } = options
  const query = queryOf(path, columns)
  let after = options.after
  let first = largestPage
  for (;;) {
    let page: Page
    try {
      page = pageOf(await graph.request<Record<string, unknown>>(query, { first, after }), path)
    } catch (error) {
      // A page may be dearer than what the app's plan lets one query cost: smaller ones are not.
      if (!(error instanceof GraphError) || error.code !== 'COST_LIMIT_EXCEEDED' || first === 1) throw error
      first = Math.ceil(first / 2)
      continue
    }
    yield { nodes: page.nodes, endCursor: page.pageInfo.endCursor }
    if (!page.pageInfo.hasNextPage) return
    after = page.pageInfo.endCursor
  }
}

function queryOf({ fields }: ConnectionPath, columns: readonly Column[]): string {
  const page = `{ nodes { ${selectionOf(columns)} } pageInfo { hasNextPage endCursor } }`
  const steps = fields.map(({ name, arguments: given = [] }, place) => {
    const own = given.map((argument) => print(argument))
    const paging = place === fields.length - 1 ? ['first: $first', 'after: $after'] : []
    const all = [...own, ...paging]
    return all.length === 0 ? name.value : `${name.value}(${all.join(', ')})`
  })
  return `query ($first: Int, $after: String) { ${steps.join(' { ')} ${page} ${'}'.repeat(steps.length)}`
}

function pageOf(data: Record<string, unknown>, { fields }: ConnectionPath): Page {
  let value: unknown = data
  for (const { name } of fields) {
    value = (value as Record<string, unknown>)[name.value]
    if (value === null || value === undefined) {
      throw new GraphError('NOT_FOUND', `${name.value} is null: there is none of that id, or you may not see it.`)
    }
  }
  return value as Page
}
