import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PrepareError } from './prepare-error.mjs'
import { step } from './progress.mjs'
import { errorCode, readIfPresent } from './read-if-present.mjs'
import { fromRoot } from './root.mjs'

const lock = '.cache/prepare.lock'
const pollMs = 200

/**
 * Runs work that no other process of this checkout may do at the same time: two terminals that start the product, or
 * two test files that build it. A lock whose process is gone is taken over.
 * @param {() => Promise<void>} work
 */
export async function exclusively(work) {
  try {
    mkdirSync(fromRoot('.cache'), { recursive: true })
    if (!take()) await step('Waiting for another process that builds here', taken)
  } catch (error) {
    throw new PrepareError(`Tributary must be installed and built here first, but cannot write: ${String(error)}`)
  }
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

async function taken() {
  while (!take()) await sleep(pollMs)
}

/** Takes the lock or answers false while a living process has it. */
function take() {
  try {
    writeFileSync(fromRoot(lock), String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  // Not a number: it is being written just now, or has just been released.
  const owner = Number(readIfPresent(lock))
  if (owner === process.pid || (owner > 0 && !isAlive(owner))) release()
  return false
}

function release() {
  rmSync(fromRoot(lock), { force: true })
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return errorCode(error) === 'EPERM'
  }
}
