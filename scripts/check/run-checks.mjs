import { spawn } from 'node:child_process'
import { fromRoot } from '../prepare/root.mjs'

/** @type {readonly (readonly [name: string, ...command: string[]])[]} */
const checks = [
  ['format', 'node_modules/oxfmt/bin/oxfmt', '--check'],
  ['lint and import boundaries', 'node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', '.'],
  ['types of the portal', 'node_modules/typescript/bin/tsc', '-p', 'portal'],
  ['schema', 'node_modules/tsx/dist/cli.mjs', 'schema/check.ts'],
  ['unused code and packages', 'node_modules/knip/bin/knip.js', '--no-config-hints'],
  ['tests', 'scripts/test.mjs'],
]

/** Runs all checks in this terminal, one after the other, and ends with the exit code of the first that fails. */
export async function runChecks() {
  for (const [name, script = '', ...args] of checks) {
    const begun = Date.now()
    process.stdout.write(`── ${name}\n`)
    const code = await run(script, args)
    if (code !== 0) {
      process.stderr.write(`${name}: failed\n`)
      process.exitCode = code
      return
    }
    // Tests end with their own closing line, which must stay the last one.
    if (name !== 'tests') process.stdout.write(`   ${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
  }
}

/**
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fromRoot(script), ...args], { cwd: fromRoot(), stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
