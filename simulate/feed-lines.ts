import { createReadStream } from 'node:fs'
import { type Info, parse } from 'csv-parse'
import type { GraphClient } from '../sdk/graph-client.ts'

/** One line of the feed that makes sense: the count of a SKU at a warehouse. */
export interface FeedLine {
  readonly line: number
  readonly skuId: string
  readonly locationId: string
  readonly onHand: number
}

export interface LineError {
  readonly line: number
  readonly message: string
}

const columns = ['sku_code', 'location_code', 'on_hand'] as const
type FeedRecord = Readonly<Partial<Record<(typeof columns)[number], string>>>
interface FeedRow {
  readonly line: number
  readonly row: FeedRecord | string
}

/** The same bound as the graph's, checked here because a number beyond GraphQL's Int would refuse the whole batch. */
const maxOnHand = 100_000_000

/** A feed that cannot be read. */
export class FeedError extends Error {
  override readonly name = 'FeedError'
}

/**
 * Reads a CSV file with the header `sku_code,location_code,on_hand` (other columns are ignored) as batches. The file
 * is streamed, so its size does not matter. A SKU and warehouse occurs once in a batch: a later count starts the next.
 */
export async function* readFeed(
  graph: GraphClient,
  file: string,
  batchSize: number,
): AsyncGenerator<{ readonly lines: readonly FeedLine[]; readonly errors: readonly LineError[] }> {
  const [skuIds, locationIds] = [await readIds(graph, 'skus'), await readIds(graph, 'locations')]
  let lines = new Map<string, FeedLine>()
  let errors: LineError[] = []
  for await (const { line, row } of readRecords(file)) {
    const counted = typeof row === 'string' ? row : toLine(row, line, { skuIds, locationIds })
    if (typeof counted === 'string') {
      errors.push({ line, message: counted })
      continue
    }
    const place = `${counted.skuId}@${counted.locationId}`
    if (lines.size >= batchSize || lines.has(place)) {
      yield { lines: [...lines.values()], errors }
      lines = new Map()
      errors = []
    }
    lines.set(place, counted)
  }
  if (lines.size > 0 || errors.length > 0) yield { lines: [...lines.values()], errors }
}

/** Every record with its line number; one that cannot be parsed as the reason why. */
async function* readRecords(file: string): AsyncGenerator<FeedRow> {
  const malformed: FeedRow[] = []
  let hasHeader = false
  const source = createReadStream(file)
  const parser = parse({
    bom: true,
    trim: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    columns: (header: string[]) => {
      hasHeader = true
      return checkHeader(header)
    },
    // An error of the parser's own would discard what it has read but not yet handed over.
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) malformed.push({ line: Number(error['lines']), row: error.message })
    },
  })
  source.on('error', (error) => parser.destroy(new FeedError(error.message)))
  source.pipe(parser)
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: FeedRecord; info: Info }>) {
      yield* malformed.splice(0)
      yield { line: info.lines, row: record }
    }
    if (!hasHeader) throw new FeedError('the file is empty')
    yield* malformed
  } catch (error) {
    throw error instanceof FeedError ? new FeedError(`${file}: ${error.message}`) : error
  } finally {
    source.destroy()
  }
}

function checkHeader(header: readonly string[]): string[] {
  const missing = columns.filter((column) => !header.includes(column))
  if (missing.length === 0) return [...header]
  throw new FeedError(`The first line must name the columns ${columns.join(',')}; ${missing.join(', ')} is missing.`)
}

/** The line with ids for its codes, or what is wrong with it. */
function toLine(
  { sku_code: sku = '', location_code: location = '', on_hand: count = '' }: FeedRecord,
  line: number,
  ids: { readonly skuIds: ReadonlyMap<string, string>; readonly locationIds: ReadonlyMap<string, string> },
): FeedLine | string {
  const skuId = ids.skuIds.get(sku)
  const locationId = ids.locationIds.get(location)
  if (skuId === undefined) return `there is no SKU "${sku}"`
  if (locationId === undefined) return `there is no warehouse "${location}"`
  if (!/^\d{1,9}$/.test(count) || Number(count) > maxOnHand) {
    return `on_hand must be a whole number from 0 to ${maxOnHand}, not "${count}"`
  }
  return { line, skuId, locationId, onHand: Number(count) }
}

interface CodesPage {
  readonly list: {
    readonly nodes: readonly { readonly id: string; readonly code: string }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

/** All ids by code: the graph speaks ids, distributors' files speak codes. */
async function readIds(graph: GraphClient, list: 'skus' | 'locations'): Promise<ReadonlyMap<string, string>> {
  const query = /* GraphQL */ `
    query FeedCodes($after: String) {
      list: ${list}(first: 250, after: $after) {
        nodes { id code }
        pageInfo { hasNextPage endCursor }
      }
    }
  `
  const ids = new Map<string, string>()
  let after: string | null = null
  do {
    // Each page begins where the one before ends.
    const page: CodesPage = await graph.request<CodesPage>(query, { after })
    for (const { id, code } of page.list.nodes) ids.set(code, id)
    after = page.list.pageInfo.hasNextPage ? page.list.pageInfo.endCursor : null
  } while (after !== null)
  return ids
}
