import { build, staleTargets } from './build.mjs'
import { exclusively } from './exclusively.mjs'
import { install, isInstalled } from './install.mjs'
import { PrepareError } from './prepare-error.mjs'

/**
 * Installs and builds what is missing or stale, and nothing else. Answers false, with the reason told and the exit
 * code set, when that cannot be done.
 * @returns {Promise<boolean>}
 */
export async function prepare() {
  try {
    if (isInstalled() && staleTargets().length === 0) return true
    await exclusively(async () => {
      if (!isInstalled()) await install()
      const stale = staleTargets()
      if (stale.length > 0) await build(stale)
    })
    return true
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
    return false
  }
}
