import { liftLimits } from '../measure/lift-limits.ts'
import { openLoad } from '../measure/load.ts'
import { type MemoryReading, readMemory } from '../measure/processes.ts'
import type { MeasuredProduct } from '../measure/start-product.ts'
import { checkPortalAnswer } from '../portal/portal-answer.ts'

export interface MemoryGrowth {
  readonly queries: number
  readonly begin: readonly MemoryReading[]
  readonly end: readonly MemoryReading[]
}

const queries = 1_000
const concurrency = 4

/** Memory of each process now and after a thousand portal queries, the processes' sum as the last entry. */
export async function measureMemory(product: MeasuredProduct): Promise<MemoryGrowth> {
  const { pid, portalRequest } = product
  const begin = withSum(readMemory(pid))
  await liftLimits(product)
  await using load = await openLoad(portalRequest, checkPortalAnswer)
  await load.run(concurrency, { answers: queries })
  return { queries, begin, end: withSum(readMemory(pid)) }
}

function withSum(readings: readonly MemoryReading[]): MemoryReading[] {
  const sum = (value: (reading: MemoryReading) => number): number =>
    readings.reduce((total, reading) => total + value(reading), 0)
  return [
    ...readings,
    {
      role: 'all',
      rssMb: sum(({ rssMb }) => rssMb),
      pssMb: sum(({ pssMb }) => pssMb),
      anonymousMb: sum(({ anonymousMb }) => anonymousMb),
    },
  ]
}
