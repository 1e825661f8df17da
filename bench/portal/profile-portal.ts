import type { Print } from '../bench.ts'
import { liftLimits } from '../measure/lift-limits.ts'
import { openLoad } from '../measure/load.ts'
import { printProfiles, profileClock, profileFolder, profilingOptions } from '../measure/profiles.ts'
import { type Shape, startProduct } from '../measure/start-product.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { checkPortalAnswer } from './portal-answer.ts'

const concurrency = 16

export interface ProfileOptions {
  readonly shape: Shape
  readonly seconds: number
  readonly warmup: number
  readonly print: Print
}

/** Prints where the processes spend their time under the portal's home page, start and warm-up left out. */
export async function profilePortal({ shape, seconds, warmup, print }: ProfileOptions): Promise<{ answers: number }> {
  const folder = profileFolder()
  await using data = await temporaryFolder()
  let fromMs: number
  let toMs: number
  let answers: number
  {
    await using product = await startProduct(shape, { dataDir: data.path, nodeOptions: profilingOptions(folder) })
    await liftLimits(product)
    await using load = await openLoad(product.portalRequest, checkPortalAnswer)
    await load.run(concurrency, { afterMs: warmup * 1_000 })
    fromMs = profileClock()
    answers = (await load.run(concurrency, { afterMs: seconds * 1_000 })).answers
    toMs = profileClock()
  }
  print(`${shape}, ${answers} portal queries, ${concurrency} at a time`)
  printProfiles({ folder, window: { fromMs, toMs }, print })
  return { answers }
}
