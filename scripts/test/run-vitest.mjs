import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fromRoot } from '../prepare/root.mjs'
import { closingLine } from './closing-line.mjs'

const ignore = () => {}
const reportFile = '.cache/vitest-report.json'

/**
 * Runs vitest in this terminal and ends with one line that needs no knowledge of vitest: `N passed, N failed`.
 * @param {readonly string[]} args
 */
export async function runVitest(args) {
  rmSync(fromRoot(reportFile), { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const child = spawn(process.execPath, [fromRoot('node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...args], {
    cwd: fromRoot(),
    stdio: 'inherit',
  })
  // The terminal sends Ctrl-C to vitest as well, which then ends by itself; a signal to this process alone is passed on.
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', ignore)
  process.on('SIGTERM', pass)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve(exitCode ?? 1))
  })
  process.off('SIGINT', ignore)
  process.off('SIGTERM', pass)
  process.stdout.write(`${closingLine(readReport(), code)}\n`)
  process.exitCode = code
}

function readReport() {
  try {
    return JSON.parse(readFileSync(fromRoot(reportFile), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
