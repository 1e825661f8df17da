import { lstatSync } from 'node:fs'
import { basename } from 'node:path'
import { PrepareError } from './prepare-error.mjs'
import { step } from './progress.mjs'
import { readIfPresent } from './read-if-present.mjs'
import { fromRoot } from './root.mjs'
import { runQuietly } from './run-quietly.mjs'

/**
 * True when every package of package-lock.json is installed in the version that it names. npm writes down what it has
 * installed as its last act, so an interrupted installation does not count; optional packages are for other machines.
 */
export function isInstalled() {
  const wanted = readPackages('package-lock.json') ?? {}
  const installed = readPackages('node_modules/.package-lock.json')
  return (
    installed !== undefined &&
    Object.entries(wanted).every(
      ([path, { version, optional, devOptional, extraneous }]) =>
        path === '' || optional || devOptional || extraneous || installed[path]?.version === version,
    )
  )
}

/** Installs what package-lock.json names; npm's own words are shown only when it fails. */
export async function install() {
  if (isLink(fromRoot('node_modules'))) {
    throw new PrepareError(
      'node_modules is a link to another folder, which installing would empty. Remove the link and start again.',
    )
  }
  const npm = npmCommand(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  await step('Installing packages', () =>
    runQuietly({
      ...npm,
      explain: (output) =>
        `\`npm ci\` failed. It said:\n\n${withoutHosts(output)}\n\n` +
        'Mend that and start again; `npm config get registry` names the registry that npm asks.',
    }),
  )
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, extraneous?: boolean }> | undefined}
 */
function readPackages(file) {
  const text = readIfPresent(file)
  return text === undefined ? undefined : JSON.parse(text).packages
}

/** @param {string} path */
function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/**
 * npm as a command: through this Node when npm itself has started us, which needs no shell on Windows either.
 * @param {readonly string[]} args
 */
function npmCommand(args) {
  const script = process.env.npm_execpath
  if (script !== undefined && basename(script) === 'npm-cli.js') {
    return { command: process.execPath, args: [script, ...args] }
  }
  return { command: 'npm', args, shell: process.platform === 'win32' }
}

/**
 * Output may end in a bug report or a public log, where the address of a private registry has no place.
 * @param {string} output
 */
function withoutHosts(output) {
  return output.replaceAll(/https?:\/\/[^/\s]+/g, '(registry)')
}
