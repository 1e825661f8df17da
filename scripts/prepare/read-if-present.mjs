import { readFileSync } from 'node:fs'
import { fromRoot } from './root.mjs'

/**
 * A file's text, or undefined when there is no such file.
 * @param {string} file from the root
 */
export function readIfPresent(file) {
  try {
    return readFileSync(fromRoot(file), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The code of a system error such as ENOENT.
 * @param {unknown} error
 */
export function errorCode(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
