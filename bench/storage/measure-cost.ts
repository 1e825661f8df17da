import type { Layer, Operation } from './layer.ts'

/** What one operation has cost, in microseconds of CPU time. */
export interface Cost {
  readonly serverUs: number
  /** 0 where client and server are one process. */
  readonly clientUs: number
  readonly perSecond: number
}

/** Lets clients do one operation again and again for a while. */
export async function measureCost(
  { run, cpu }: Layer,
  { operation, clients, seconds }: { operation: Operation; clients: number; seconds: number },
): Promise<Cost> {
  let count = 0
  const before = await cpu()
  const begun = performance.now()
  const end = begun + seconds * 1_000
  const work = async (client: number): Promise<void> => {
    let pause = begun + 10
    while (performance.now() < end) {
      await run(operation, client)
      count++
      if (performance.now() < pause) continue
      // A layer without any real waiting would let neither other clients nor the system's events in.
      await new Promise((resolve) => setImmediate(resolve))
      pause = performance.now() + 10
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)))
  const elapsedMs = performance.now() - begun
  const after = await cpu()
  return {
    serverUs: ((after.serverMs - before.serverMs) * 1_000) / count,
    clientUs: ((after.clientMs - before.clientMs) * 1_000) / count,
    perSecond: (count * 1_000) / elapsedMs,
  }
}
