import { readdirSync, statSync } from 'node:fs'
import { fromRoot } from './root.mjs'

/**
 * All files below a path of the repository, or the path itself when it is a file; nothing when it does not exist.
 * @param {string} path from the root, with forward slashes
 * @returns {string[]}
 */
export function filesOf(path) {
  const stats = statSync(fromRoot(path), { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (!stats.isDirectory()) return [path]
  return readdirSync(fromRoot(path)).flatMap((name) => filesOf(`${path}/${name}`))
}
