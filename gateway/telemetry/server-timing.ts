/** Milliseconds of stages and of calls to subgraphs. */
interface Timing {
  readonly stages: Readonly<Record<string, number>>
  readonly fetches: readonly { readonly subgraph: string; readonly durationMs: number }[]
}

/**
 * The value of a `Server-Timing` header (W3C), in milliseconds. Names of subgraphs are for the operator: partners see
 * one graph.
 */
export function serverTiming({ stages, fetches }: Timing, operator: boolean): string {
  const metrics = Object.entries(stages).map(([stage, ms]) => `${stage};dur=${ms.toFixed(3)}`)
  if (!operator) return metrics.join(', ')
  const calls = fetches.map(({ subgraph, durationMs }) => `subgraph;desc="${subgraph}";dur=${durationMs.toFixed(3)}`)
  return [...metrics, ...calls].join(', ')
}
