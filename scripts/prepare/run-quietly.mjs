import { spawn } from 'node:child_process'
import { PrepareError } from './prepare-error.mjs'
import { fromRoot } from './root.mjs'

/**
 * Runs a command in the repository's root and keeps its output for the case that it fails.
 * A signal that ends this process ends the command too.
 * @param {{ command: string, args: readonly string[], shell?: boolean, explain: (output: string) => string }} options
 * @returns {Promise<void>}
 */
export async function runQuietly({ command, args, shell = false, explain }) {
  const child = spawn(command, args, { cwd: fromRoot(), shell, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text) => (output += text))
  }
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    child.kill(signal)
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new PrepareError(explain(error.message))))
      child.once('close', (code) =>
        code === 0 ? resolve(undefined) : reject(new PrepareError(explain(output.trim()))),
      )
    })
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
