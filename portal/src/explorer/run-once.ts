import { reportAnswer, type RunReport } from '../cost/run-report.ts'
import type { GraphResult } from '../graph/graph-result.ts'
import { ServerUnreachable } from '../graph/post-operation.ts'

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
    if (!(error instanceof ServerUnreachable)) throw error
    onReport({ state: 'failed', operation, message: error.message })
    // GraphiQL prints what is thrown with its stack, which tells a visitor nothing.
    return { errors: [{ message: error.message }] }
  }
}
