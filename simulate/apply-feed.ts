import { randomUUID } from 'node:crypto'
import { type FeedLine, type LineError, readFeed } from './feed-lines.ts'
import type { GraphClient } from '../sdk/graph-client.ts'
import type { UserError } from './user-error.ts'

export interface FeedOptions {
  readonly graph: GraphClient
  readonly file: string
  /** Lines per mutation, 1 to 250. */
  readonly batchSize: number
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

export interface FeedSummary {
  readonly lines: number
  readonly applied: number
  readonly refused: number
}

const setMutation = /* GraphQL */ `
  mutation ApplyStockFeed($input: SetInventoryInput!, $key: String!) {
    setInventory(input: $input, idempotencyKey: $key) {
      userErrors {
        code
        field
        message
      }
    }
  }
`

interface SetAnswer {
  readonly setInventory: { readonly userErrors: readonly UserError[] }
}

/** Applies a distributor's stock feed in batches; a line that is refused is told with its number and left out. */
export async function applyFeed(options: FeedOptions): Promise<FeedSummary> {
  const count = { lines: 0, applied: 0, refused: 0 }
  const tellErrors = (errors: readonly LineError[]): void => {
    count.refused += errors.length
    for (const { line, message } of errors.toSorted((a, b) => a.line - b.line)) {
      options.printError(`line ${line}: ${message}`)
    }
  }
  for await (const { lines, errors } of readFeed(options.graph, options.file, options.batchSize)) {
    count.lines += lines.length + errors.length
    tellErrors(errors)
    const refused = await applyBatch(options.graph, lines)
    tellErrors(refused)
    count.applied += lines.length - refused.length
    options.print(`${count.applied} of ${count.lines} lines applied`)
  }
  return count
}

/** A batch is all or nothing, so the lines that it is refused for are taken out and the rest is sent again. */
async function applyBatch(graph: GraphClient, lines: readonly FeedLine[]): Promise<LineError[]> {
  const refused: LineError[] = []
  let rest = lines
  while (rest.length > 0) {
    const levels = rest.map(({ skuId, locationId, onHand }) => ({ skuId, locationId, onHand }))
    // What is sent next depends on what was refused.
    const { setInventory } = await graph.request<SetAnswer>(setMutation, { input: { levels }, key: randomUUID() })
    const errors = new Map(setInventory.userErrors.map((error) => [Number(error.field?.[2]), error]))
    if (errors.size === 0) break
    const found = rest.flatMap(({ line }, index) => {
      const error = errors.get(index)
      return error ? [{ line, message: messageOf(error) }] : []
    })
    if (found.length === 0) throw new Error(`The batch was refused: ${setInventory.userErrors[0]?.message}`)
    refused.push(...found)
    rest = rest.filter((_, index) => !errors.has(index))
  }
  return refused
}

/** The message without the position in the batch, which means nothing to who wrote the file. */
function messageOf({ code, message }: UserError): string {
  return `${code}: ${message.replace(/^Line \d+: /, '')}`
}
