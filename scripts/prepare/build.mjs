import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { filesOf } from './files-of.mjs'
import { inputHash } from './input-hash.mjs'
import { step } from './progress.mjs'
import { readIfPresent } from './read-if-present.mjs'
import { fromRoot } from './root.mjs'
import { runQuietly } from './run-quietly.mjs'

/**
 * What is built into dist: its inputs, the file that says from which state of them it was built, and how.
 * @typedef {{ name: string, inputs: readonly string[], stamp: string, build: () => Promise<void> }} Target
 */

const serverFolders = JSON.parse(readFileSync(fromRoot('tsconfig.build.json'), 'utf8')).include
/** What `tributary subgraph new` copies, as it is. */
const template = 'cli/subgraph/template'
const packages = ['package.json', 'package-lock.json']

/** @type {readonly Target[]} */
const targets = [
  {
    name: 'the server',
    inputs: [...serverFolders, 'tsconfig.json', 'tsconfig.build.json', ...packages],
    stamp: 'dist/.server-inputs',
    build: buildServer,
  },
  {
    name: 'the portal',
    inputs: ['portal', 'schema/api.graphql', 'tsconfig.json', ...packages],
    stamp: 'dist/.portal-inputs',
    build: buildPortal,
  },
]

/** The targets that were never built, or not from what their inputs are now. */
export function staleTargets() {
  return targets.filter(({ inputs, stamp }) => readIfPresent(stamp) !== inputHash(inputs))
}

/**
 * Builds targets at the same time. A stamp is written last, so that a build that was cut off is repeated.
 * @param {readonly Target[]} stale
 */
export async function build(stale) {
  await step(`Building ${stale.map(({ name }) => name).join(' and ')}`, async () => {
    const outcomes = await Promise.allSettled(
      stale.map(async ({ inputs, stamp, build: run }) => {
        const hash = inputHash(inputs)
        rmSync(fromRoot(stamp), { force: true })
        await run()
        writeFileSync(fromRoot(stamp), hash)
      }),
    )
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  })
}

/** Compiles into dist, which mirrors the tree, and copies the SDL files that modules read beside themselves. */
async function buildServer() {
  mkdirSync(fromRoot('dist'), { recursive: true })
  const ofPortal = new Set(['portal', '.portal-inputs'])
  for (const name of readdirSync(fromRoot('dist'))) {
    if (!ofPortal.has(name)) rmSync(fromRoot(`dist/${name}`), { recursive: true, force: true })
  }
  await runTool('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json'])
  for (const file of serverFolders.flatMap(filesOf)) {
    if (/\.graphql$|^schema\/.*\.json$/.test(file) && !file.startsWith(template))
      copyFileSync(fromRoot(file), fromRoot(`dist/${file}`))
  }
  cpSync(fromRoot(template), fromRoot(`dist/${template}`), { recursive: true })
}

async function buildPortal() {
  await runTool('node_modules/vite/bin/vite.js', ['build', '--config', 'portal/vite.config.ts', '--logLevel', 'warn'])
}

/**
 * @param {string} script
 * @param {readonly string[]} args
 */
function runTool(script, args) {
  return runQuietly({
    command: process.execPath,
    args: [fromRoot(script), ...args],
    explain: (output) => `The build failed (${[script.split('/').at(-1), ...args].join(' ')}):\n\n${output}`,
  })
}
