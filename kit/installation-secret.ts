import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'

/**
 * The secret from which all keys of an installation derive: the configured one, or one that is made at the first start
 * and kept in the data folder for its owner only. Throws ConfigError when the folder cannot be written.
 */
export async function installationSecret(configured: string | undefined, dataDir: string): Promise<string> {
  if (configured !== undefined) return configured
  const file = join(dataDir, 'secret')
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    // `wx` lets exactly one of several processes that start at once write it; the others read what it wrote.
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw cannotUse(dataDir, error)
  }
  const secret = await readFile(file, 'utf8').catch((error: unknown) => {
    throw cannotUse(dataDir, error)
  })
  if (secret.length < 32) throw new ConfigError(`${file} is damaged: it must hold at least 32 characters.`)
  return secret
}

function cannotUse(dataDir: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ConfigError(
    `DATA_DIR: the folder ${dataDir} cannot be used (${reason}). Point DATA_DIR to a folder that can be written.`,
  )
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
