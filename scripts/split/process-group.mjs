import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that has not ended this long after it was asked to is killed. */
const graceMs = 15_000

/**
 * @typedef {{ close(): Promise<void> | void }} Closable
 * @typedef {{ name: string, script: string, args?: readonly string[], environment: Record<string, string>, nodeFlags?: readonly string[], plainOutput?: boolean }} Command
 */

/**
 * Processes that live and die together. Every line that they print is prefixed with their name and goes to standard
 * error. `failure` rejects when one ends unasked; `close` stops all, last started first.
 */
export function createProcessGroup() {
  /** @type {Closable[]} */
  const members = []
  let closing = false
  const failed = new AbortController()
  /** @type {Promise<never>} */
  const failure = new Promise((_resolve, reject) => {
    failed.signal.addEventListener('abort', () => reject(failed.signal.reason))
  })
  // Nobody may be listening yet, or any more.
  failure.catch(() => undefined)

  /** @param {Command} command */
  const spawn = ({ name, script, args = [], environment, nodeFlags = [], plainOutput = false }) => {
    if (closing) throw new Error('the processes are being stopped')
    // Each leads a process group of its own, so that Ctrl-C reaches this process only and the order of the end is ours.
    // They stop when their channel to this process closes, which it does even if this process is killed.
    const child = fork(script, args, {
      execArgv: [...process.execArgv, ...nodeFlags],
      env: { NODE_ENV: 'production', ...process.env, ...environment },
      stdio: ['ignore', plainOutput ? 'inherit' : 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    })
    // Not `close`, which never comes once the channel was closed from this side.
    /** @type {Promise<number>} */
    const exitCode = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => process.stderr.write(`${name.padEnd(9)} | ${line}\n`))
    }
    return { child, exitCode }
  }

  /** @type {(name: string, reason: string) => void} */
  const ended = (name, reason) => {
    if (!closing) failed.abort(new Error(`The ${name} process ${reason}; everything is stopped.`))
  }

  return {
    failure,

    /**
     * Takes a process that was started elsewhere.
     * @param {Closable & { name: string, ended: Promise<string> }} member
     */
    add(member) {
      if (closing) void member.close()
      else members.push(member)
      void member.ended.then((reason) => ended(member.name, reason))
    },

    /**
     * Starts a server; `url` is what its ready line names.
     * @param {Command} command
     */
    start(command) {
      const { child, exitCode } = spawn(command)
      members.push({
        async close() {
          if (child.connected) child.disconnect()
          const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
          await exitCode
          clearTimeout(timer)
        },
      })
      child.once('exit', (code) => {
        ended(command.name, `ended with exit code ${code}`)
      })
      /** @type {Promise<string>} */
      const url = new Promise((resolve) => {
        if (child.stdout) {
          createInterface(child.stdout).on('line', (line) => {
            const [, found] = /ready at (\S+)/.exec(line) ?? []
            if (found) resolve(found)
          })
        }
      })
      return { url }
    },

    /**
     * Runs a task to its end; anything but exit code 0 is an error.
     * @param {Command} command
     */
    async run(command) {
      const { child, exitCode } = spawn(command)
      members.push({ close: () => void child.kill() })
      const code = await exitCode
      if (code !== 0)
        throw new Error(`The ${command.name} process ended with exit code ${code}; everything is stopped.`)
    },

    async close() {
      closing = true
      for (const member of members.splice(0).toReversed()) await member.close()
    },
  }
}
