import type { GraphError } from '../graph/graph-result.ts'
import { readQueryCost, type QueryCost } from './query-cost.ts'

/** What the page knows of the operation that was run last. */
export type RunReport =
  | { state: 'idle' }
  | { state: 'running'; operation: string; live: boolean }
  | {
      state: 'answered'
      operation: string
      milliseconds: number
      cost: QueryCost | null
      errors: readonly GraphError[]
    }
  | { state: 'live'; operation: string; events: number; cost: QueryCost | null }
  | { state: 'ended'; operation: string; events: number }
  | { state: 'throttled'; operation: string; cost: QueryCost | null; retryAt: number | null }
  | { state: 'failed'; operation: string; message: string }

interface Answer {
  errors?: readonly GraphError[] | undefined
  extensions?: unknown
}

/** Says what an answer means for the page: a throttled one carries when to try again, in seconds. */
export function reportAnswer(operation: string, result: Answer, milliseconds: number): RunReport {
  const cost = readQueryCost(result.extensions)
  const throttled = result.errors?.find((error) => error.extensions?.['code'] === 'THROTTLED')
  if (!throttled) return { state: 'answered', operation, milliseconds, cost, errors: result.errors ?? [] }
  const retryAfter = throttled.extensions?.['retryAfter']
  const retryAt = typeof retryAfter === 'number' ? performance.now() + retryAfter * 1000 : null
  return { state: 'throttled', operation, cost, retryAt }
}
