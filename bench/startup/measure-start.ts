import { openLoad } from '../measure/load.ts'
import { cpuMsOfTree } from '../measure/processes.ts'
import type { MeasuredProduct } from '../measure/start-product.ts'
import { checkPortalAnswer } from '../portal/portal-answer.ts'

export interface Start {
  /** From the start of the process to the first answered portal query. */
  readonly seconds: number
  /** CPU time of all processes until then. */
  readonly cpuSeconds: number
  readonly phases: readonly Phase[]
}

export interface Phase {
  readonly name: string
  readonly seconds: number
}

/** Asks a product that has just printed that it is ready for the portal's home page, and tells how long all took. */
export async function measureStart({ lines, pid, portalRequest, startedAt }: MeasuredProduct): Promise<Start> {
  await using _load = await openLoad(portalRequest, checkPortalAnswer)
  const answeredMs = performance.now() - startedAt
  const begins = [
    { text: 'Until the first step is printed', atMs: 0 },
    ...lines.filter(({ text }) => text.endsWith('…')),
    { text: 'Answering the first query', atMs: lines.at(-1)?.atMs ?? answeredMs },
  ]
  return {
    seconds: answeredMs / 1_000,
    cpuSeconds: cpuMsOfTree(pid) / 1_000,
    phases: begins.map(({ text, atMs }, index) => ({
      name: text.replace(/ …$/, ''),
      seconds: ((begins[index + 1]?.atMs ?? answeredMs) - atMs) / 1_000,
    })),
  }
}
