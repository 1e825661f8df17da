import { reportAnswer, type RunReport } from '../cost/run-report.ts'
import type { GraphResult } from '../graph/graph-result.ts'

export interface RunOnceOptions {
  send: () => Promise<GraphResult>
  /** What the run is called in reports. */
  operation: string
  onReport: (report: RunReport) => void
}

/** Runs a query or mutation and reports what came of it. */
export async function runOnce({ send, operation, onReport }: RunOnceOptions): Promise<GraphResult> {
  onReport({ state: 'running', operation, live: false })
  const startedAt = performance.now()
  try {
    const result = await send()
    onReport(reportAnswer(operation, result, performance.now() - startedAt))
    return result
  } catch (error) {
    onReport({ state: 'failed', operation, message: error instanceof Error ? error.message : String(error) })
    throw error
  }
}
