import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { UsageError } from '../usage-error.ts'

/** A person who has signed in at an installation. Times are in milliseconds since 1970. */
export interface Login {
  readonly url: string
  readonly clientId: string
  readonly accessToken: string
  readonly refreshToken: string | null
  readonly expiresAt: number
  readonly scope: string
}

interface Stored {
  /** The origin that commands without --url go to. */
  readonly current: string | null
  readonly logins: Readonly<Record<string, Login>>
}

export interface CredentialFile {
  readonly path: string
  /** The endpoint that was signed in at last. */
  currentUrl(): Promise<string | null>
  find(url: string): Promise<Login | null>
  /** Keeps a sign-in; `begun` has commands without --url go there from now on. */
  save(login: Login, options?: { readonly begun: boolean }): Promise<void>
  forget(url: string): Promise<void>
  /** Runs alone among all commands on this machine: a refresh token that is used twice ends its sign-in. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>
}

const nothing: Stored = { current: null, logins: {} }
const lockLifetimeMs = 30_000

/** The file that keeps sign-ins, readable for its owner only. */
export function createCredentialFile(folder: string): CredentialFile {
  const path = join(folder, 'credentials.json')
  const read = async (): Promise<Stored> => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    })
    return text === null ? nothing : parse(path, text)
  }
  const write = async (stored: Stored): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Another file in its place, so that nobody ever reads half of it, and never one that others may read.
    const next = `${path}.${process.pid}`
    const file = await open(next, 'w', 0o600)
    await file.writeFile(`${JSON.stringify(stored, null, 2)}\n`)
    await file.close()
    await rename(next, path)
  }
  return {
    path,
    async currentUrl() {
      const { current, logins } = await read()
      return current === null ? null : (logins[current]?.url ?? null)
    },
    async find(url) {
      return (await read()).logins[new URL(url).origin] ?? null
    },
    async save(login, { begun } = { begun: false }) {
      const { origin } = new URL(login.url)
      const { current, logins } = await read()
      await write({ current: begun ? origin : current, logins: { ...logins, [origin]: login } })
    },
    async forget(url) {
      const { origin } = new URL(url)
      const { current, logins } = await read()
      const { [origin]: gone, ...rest } = logins
      if (gone !== undefined) await write({ current: current === origin ? null : current, logins: rest })
    },
    async alone(work) {
      const lock = `${path}.lock`
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await takeLock(lock)
      try {
        return await work()
      } finally {
        await rm(lock, { force: true })
      }
    },
  }
}

function parse(path: string, text: string): Stored {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && 'logins' in json) return json as Stored
  } catch {
    // Told below, as is a file of another shape.
  }
  throw new UsageError(`${path} is damaged. Delete it and sign in again with \`tributary login\`.`)
}

async function takeLock(lock: string): Promise<void> {
  const begun = Date.now()
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    // Each turn waits for the one before. A lock whose process has died is taken away after its time.
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > lockLifetimeMs) await rm(lock, { force: true })
    else if (Date.now() - begun > 2 * lockLifetimeMs) throw new UsageError(`${lock} is held by another command.`)
    await pause(50)
  }
}
