import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readIfPresent } from '../prepare/read-if-present.mjs'
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
  const report = readIfPresent(reportFile)
  process.stdout.write(`${closingLine(report === undefined ? undefined : JSON.parse(report), code)}\n`)
  process.exitCode = code
}
