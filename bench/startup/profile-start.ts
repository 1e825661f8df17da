import type { Print } from '../bench.ts'
import { printProfiles, profileClock, profileFolder, profilingOptions } from '../measure/profiles.ts'
import { startProduct, type Shape } from '../measure/start-product.ts'
import { measureStart } from './measure-start.ts'

/** Starts once under the profiler and prints where the time until the first answer went, process by process. */
export async function profileStart(shape: Shape, dataDir: string, print: Print): Promise<void> {
  const folder = profileFolder()
  const fromMs = profileClock()
  let toMs = fromMs
  {
    await using product = await startProduct(shape, { dataDir, nodeOptions: profilingOptions(folder) })
    await measureStart(product)
    toMs = profileClock()
  }
  printProfiles({ folder, window: { fromMs, toMs }, print })
}
