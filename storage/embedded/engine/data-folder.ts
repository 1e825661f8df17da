import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Environment, isDiskFull } from './environment.ts'
import { tableKey, tables } from './keys.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

/** Changes whenever older programs would misread what newer ones write. */
export const formatVersion = 1

/** The folder cannot be used; the message is for the person who chose it. */
export class DataFolderError extends Error {
  /** The process that serves the folder has lost its parent and is about to end. */
  readonly passing: boolean

  constructor(message: string, { passing = false }: { passing?: boolean } = {}) {
    super(message)
    this.passing = passing
  }
}

export type OpenFolder = { environment: Environment; release(): Promise<void> }

const lmdbMagic = Buffer.from('dec0efbe', 'hex')

const formatKey = tableKey(tables.meta, Buffer.from('format'))
const ownerKey = tableKey(tables.meta, Buffer.from('owner'))

export type FolderOwner = {
  /** Where this process can be reached. */
  readonly address: string
  /** This process ends with its parent. */
  readonly endsWithParent: boolean
}

/** Opens a data folder for this process alone, creating it if it does not exist. Throws DataFolderError. */
export function openDataFolder(path: string, owner: FolderOwner): OpenFolder {
  const fresh = prepare(path)
  let environment: Environment
  try {
    environment = new Environment(path)
  } catch (error) {
    throw new DataFolderError(`The data folder ${path} cannot be opened: ${messageOf(error)}`)
  }
  try {
    claim(environment, { path, owner, fresh })
  } catch (error) {
    void environment.close()
    if (error instanceof Error && isDiskFull(error.message)) {
      throw new DataFolderError(`The disk of the data folder ${path} is full; free some space on it and start again`)
    }
    throw error
  }
  return {
    environment,
    async release() {
      giveUp(environment)
      await environment.close()
    },
  }
}

/** Whether the folder is new. Looks before lmdb does, which trusts what it finds. */
function prepare(path: string): boolean {
  const file = join(path, 'data.mdb')
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (!existsSync(file)) {
      const others = readdirSync(path).filter((name) => name !== 'lock.mdb' && !name.endsWith('.sock'))
      if (others.length === 0) return true
      throw new DataFolderError(
        `The data folder ${path} holds other files (${others.slice(0, 3).join(', ')}) and no database; choose an empty one`,
      )
    }
    const start = Buffer.alloc(32)
    const handle = openSync(file, 'r+')
    const read = readSync(handle, start, 0, start.length, 0)
    closeSync(handle)
    if (read === 0) return true
    // The first page of an lmdb file has this magic number after its header, whose length depends on the version.
    if (!start.subarray(0, read).includes(lmdbMagic)) {
      throw new DataFolderError(
        `${file} is not a database file, or it is damaged; move it away or restore it from a backup`,
      )
    }
    return false
  } catch (error) {
    if (error instanceof DataFolderError) throw error
    throw new DataFolderError(`The data folder ${path} cannot be used: ${messageOf(error)}`)
  }
}

function claim(
  environment: Environment,
  { path, owner: self, fresh }: { path: string; owner: FolderOwner; fresh: boolean },
): void {
  // lmdb's write lock works between processes, so that of two that start at once one sees the other.
  environment.exclusively((put) => {
    const format = environment.get(formatKey)?.toString()
    if (format === undefined && !fresh && !isEmpty(environment)) {
      throw new DataFolderError(`The data folder ${path} holds a database of another program; choose an empty one`)
    }
    if (format !== undefined && format !== String(formatVersion)) {
      throw new DataFolderError(
        `The data folder ${path} has format ${format}, this program reads ${formatVersion}; use the version that wrote it`,
      )
    }
    const owner = readOwner(environment.get(ownerKey))
    if (owner !== undefined && isAlive(owner)) {
      throw new DataFolderError(
        `The data folder ${path} is already served by process ${owner.pid} at ${owner.address}; stop that, choose another folder, or set MONGODB_URI to share it`,
        { passing: owner.parent !== undefined && !isAlive(owner.parent) },
      )
    }
    put(formatKey, Buffer.from(String(formatVersion)))
    const parent = self.endsWithParent ? { parent: identifyProcess(process.ppid) } : {}
    put(ownerKey, Buffer.from(JSON.stringify({ ...identifyProcess(process.pid), ...parent, address: self.address })))
  })
}

/** On a full disk the entry of this process stays; whoever comes next sees that the process has ended. */
function giveUp(environment: Environment): void {
  try {
    environment.exclusively((put) => put(ownerKey, Buffer.from('{}')))
  } catch (error) {
    if (!isDiskFull(messageOf(error))) throw error
  }
}

function isEmpty(environment: Environment): boolean {
  for (const _entry of environment.range({ from: Buffer.of(0), to: Buffer.of(0xff) })) return false
  return true
}

type Owner = ProcessIdentity & { address: string; parent?: ProcessIdentity }

function readOwner(value: Buffer | undefined): Owner | undefined {
  const owner = JSON.parse(value?.toString() ?? '{}') as Partial<Owner>
  return typeof owner.pid === 'number' ? (owner as Owner) : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
