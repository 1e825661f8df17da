// Any Node since 14 can read this file and node-version.mjs, so that an old one can be told what to do.
import { nodeVersionProblem } from './node-version.mjs'

/**
 * Installs and builds what is missing or stale, then goes on; else tells why not, with exit code 1.
 * @param {() => unknown} next
 */
export async function whenReady(next) {
  const problem = nodeVersionProblem(process.versions.node)
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`)
    process.exitCode = 1
    return
  }
  const { prepare } = await import('./prepare.mjs')
  if (await prepare()) await next()
}
