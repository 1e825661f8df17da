import { cp, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { localCommand, type LocalRun } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { runProgram } from './run-program.ts'

interface Options {
  readonly dir?: string
  readonly install: boolean
  readonly json?: true
}

/** Runs on its own, and is what is copied; its names are replaced. */
const template = fileURLToPath(new URL('template/', import.meta.url))

/** `tributary subgraph new`. */
export function newCommand(): Command {
  const command = new Command('new')
    .summary('a folder with a subgraph that runs')
    .argument('<name>', 'lower-case letters, digits and dashes, for example loyalty')
    .option('--dir <folder>', 'where to; a folder of that name here, by default')
    .option('--no-install', 'install no packages')
    .addHelpText(
      'after',
      `
It has an entity, a field on Organization, scopes, costs, loaders, a stream, events, seeds and tests, in plain JavaScript that
Node runs without a build. It needs nothing of Tributary but a key: put it into a repository of yours.

Example
    tributary subgraph new loyalty
    cd loyalty && npm test
    tributary subgraph dev`,
    )
  return localCommand<Options>(command, { interrupted: 'Interrupted.', work: create })
}

async function create({ options, args, signal, print, printError, show }: LocalRun<Options>): Promise<number> {
  const [name = ''] = args
  if (!/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(name) || name.length > 40) {
    throw new UsageError(
      `${name} is no name for a subgraph: lower-case letters, digits and dashes, for example loyalty.`,
    )
  }
  const folder = resolve(options.dir ?? name)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw new UsageError(`${folder} is not empty. Name another with --dir.`)
  await cp(template, folder, { recursive: true })
  await rename(join(folder, 'gitignore'), join(folder, '.gitignore'))
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) await renameIn(join(file.parentPath, file.name), name)
  }
  if (options.install) {
    printError('Installing its packages …')
    const installed = await runProgram('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      folder,
      signal,
    })
    if (installed.code !== 0) {
      printError(`${installed.output}\nThe folder is made, but \`npm install\` failed there. Run it again.`)
      return 1
    }
  }
  show({ name, folder }, () => {
    print(`${folder} is ready. Next:`)
    print(`  cd ${folder}`)
    if (!options.install) print('  npm install')
    print('  npm test')
    print('  tributary subgraph dev      serves it and publishes it, and again after each change')
  })
  return 0
}

/** Where the name stands for the subgraph and not for a part of a type, it keeps its dashes; so it does in names of scopes and of event types. */
const withDashes = /package\.json$|README\.md$|(main|outbox)\.js$/
const inNames = /\bloyalty(?=:[a-z]|\.points_)/g

async function renameIn(path: string, name: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const [first = '', ...rest] = name.split('-')
  const camel = first + rest.map(capital).join('')
  const lower = withDashes.test(path) ? name : camel
  await writeFile(
    path,
    text.replaceAll(inNames, name).replaceAll('Loyalty', capital(camel)).replaceAll('loyalty', lower),
  )
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
