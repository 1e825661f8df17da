import { createHash } from 'node:crypto'
import { readFile, readdir, watch } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { changePublication } from '../schema/publish.ts'
import { describeCheck } from '../schema/schema-check.ts'
import { RefusedError } from '../usage-error.ts'
import { revealKey } from './key-command.ts'
import { type ServedProcess, serveProcess } from './serve-process.ts'
import { type SubgraphSettings, readSettings } from './subgraph-settings.ts'

interface Options extends GraphOptions {
  readonly dir: string
  readonly port?: number
  readonly environment: string
  readonly once?: true
}

/** Editors write a file in several steps. */
const settleMs = 150

/** `tributary subgraph dev`. */
export function devCommand(): Command {
  const command = new Command('dev')
    .summary('serve a subgraph, publish it to a running gateway, and again after each change')
    .option('--dir <folder>', 'its folder, with "tributary" in package.json', '.')
    .option('--port <number>', 'where to serve it; what package.json says, by default', toPort)
    .addOption(new Option('--environment <name>', 'whose graph').choices(['live', 'sandbox']).default('live'))
    .option('--once', 'end after it was published, and leave it published')
    .addHelpText(
      'after',
      `
For development, beside a gateway of your own: the gateway must reach this machine. What breaks clients that are in use
is refused here as anywhere; \`tributary schema retire\` takes the subgraph away again.

Example
    tributary subgraph dev --app app_… --key trb_test_…      of the Operator Console`,
    )
  return graphCommand<Options>(command, { scopes: 'schemas:read and schemas:write', interrupted: null, work: develop })
}

async function develop(run: CommandRun<Options>): Promise<number> {
  const { options, signal, printError } = run
  const folder = resolve(options.dir)
  const settings = await readSettings(folder)
  const port = options.port ?? settings.port
  const key = await revealKey(run.graph, settings.subgraph)
  const eventsUrl = new URL('/events', options.graph).href
  const start = (): Promise<ServedProcess> =>
    serveProcess(settings.start, { folder, port, key, eventsUrl, signal, onOutput: (line) => printError(`  ${line}`) })
  let served = await start()
  try {
    const published = await publish(run, { settings, folder, port })
    if (options.once) return published ? 0 : 1
    let seen = await digestOf(folder)
    for await (const _ of changesIn(folder, signal)) {
      await pause(settleMs, undefined, { signal })
      // Of the many notices of one change, those after the first find nothing new.
      const now = await digestOf(folder)
      if (now === seen) continue
      seen = now
      // The old one has the port.
      await served.stop()
      served = await start().catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error
        printError(error.message)
        return served
      })
      if (served.isRunning()) await publish(run, { settings, folder, port })
    }
    return 0
  } finally {
    await served.stop()
  }
}

/** Publishes what the folder has now, unless that is what is published; tells what stops it. */
async function publish(
  { graph, options, print, printError }: CommandRun<Options>,
  { settings, folder, port }: { readonly settings: SubgraphSettings; readonly folder: string; readonly port: number },
): Promise<boolean> {
  const { subgraph, schema } = settings
  const url = `http://127.0.0.1:${port}/graphql`
  const sdl = await readFile(join(folder, schema), 'utf8')
  const environment = options.environment.toUpperCase()
  const { publishedSubgraphs } = await graph.request<{
    publishedSubgraphs: readonly { readonly subgraph: string; readonly sdl: string; readonly url: string }[]
  }>('query ($environment: GraphEnvironment!) { publishedSubgraphs(environment: $environment) { subgraph sdl url } }', {
    environment,
  })
  const current = publishedSubgraphs.find((each) => each.subgraph === subgraph)
  if (current?.sdl === sdl && current.url === url) {
    print(`${subgraph} serves ${url}; its SDL is published already.`)
    return true
  }
  const begun = performance.now()
  try {
    const input = { environment, subgraph, url, sdl, reason: 'tributary subgraph dev' }
    const { version, check } = await changePublication(graph, 'publishSubgraph', input)
    if (version === null) {
      if (check !== null) printError(describeCheck(check))
      return false
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    print(
      `${subgraph} version ${version.number} is published, in supergraph ${version.supergraphNumber} (${seconds} s).`,
    )
    for (const { severity, message, line } of check?.problems ?? []) {
      printError(`${severity.toLowerCase()}  ${schema}:${line}  ${message}`)
    }
    return true
  } catch (error) {
    if (!(error instanceof RefusedError) || options.once) throw error
    printError(`${error.code}: ${error.message}`)
    return false
  }
}

/** Tells of changes of files in a folder, many at once as one. */
async function* changesIn(folder: string, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  for await (const { filename } of watch(folder, { recursive: true, signal })) {
    if (isSource(filename ?? '')) yield
  }
}

/** Stands for the content of all files of a folder, but those of packages and hidden ones. */
async function digestOf(folder: string): Promise<string> {
  const digest = createHash('sha256')
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of paths.filter((each) => isSource(relative(folder, each))).toSorted()) {
    digest.update(`${path}\0`).update(await readFile(path))
  }
  return digest.digest('hex')
}

function isSource(path: string): boolean {
  return !path.split(sep).some((part) => part === 'node_modules' || part.startsWith('.'))
}

function toPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new InvalidArgumentError('It must be a port from 1 to 65535.')
}
