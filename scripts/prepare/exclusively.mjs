import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PrepareError } from './prepare-error.mjs'
import { fromRoot } from './root.mjs'

const pollMs = 200

/**
 * Runs work that no other process of this checkout may do at the same time: two terminals that start the product, or
 * two test files that build it. A lock whose process is gone is taken over.
 * @param {() => Promise<void>} work
 */
export async function exclusively(work) {
  const lock = fromRoot('.cache/prepare.lock')
  try {
    mkdirSync(fromRoot('.cache'), { recursive: true })
    while (!take(lock)) await sleep(pollMs)
  } catch (error) {
    throw new PrepareError(`Tributary must be installed and built here first, but cannot write: ${error.message}`)
  }
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** Takes the lock or answers false while a living process has it. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const owner = readOwner(lock)
  if (owner !== undefined && !isAlive(owner)) rmSync(lock, { force: true })
  return false
}

/** The process that has the lock; undefined while it is being written or has just been released. */
function readOwner(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return error.code === 'EPERM'
  }
}
