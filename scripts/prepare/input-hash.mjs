import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { filesOf } from './files-of.mjs'
import { fromRoot } from './root.mjs'

/**
 * A hash over the names and contents of files and folders of the repository; what does not exist adds nothing.
 * Contents and not times, because a checkout or a copy sets times as it likes.
 * @param {readonly string[]} inputs paths from the root, with forward slashes
 */
export function inputHash(inputs) {
  const hash = createHash('sha256')
  for (const path of inputs.flatMap(filesOf).toSorted()) {
    const content = readFileSync(fromRoot(path))
    hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}
