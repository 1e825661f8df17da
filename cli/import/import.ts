import { Command, Option } from 'commander'
import { GraphError, UnreachableError } from '../../sdk/graph-client.ts'
import type { GraphOptions } from '../graph-options.ts'
import { type CommandRun, graphCommand, runCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { contentId, firstLine } from './file-chunks.ts'
import { type ImportJobAnswer, sendFile } from './send-file.ts'
import { writeReport } from './write-report.ts'

const examples = `
Imports a file of any size into the graph, line by line. What was sent is applied on the server, each line once; a
line that cannot be applied is told in a report and stops no other. Interrupt it when you like and run the same command
again: it goes on where it was. A file that was imported before is not imported twice unless --again is given.

Examples
  What can be imported, with its columns:
    npm run import -- --kinds
  Counted stock of a distributor:
    npm run import -- inventory-levels examples/stock.csv

Exit codes: 0 all lines applied, 1 lines were refused or the import failed, 2 wrong options, 130 interrupted.`

interface Options extends GraphOptions {
  readonly kinds?: true
  readonly format?: 'csv' | 'ndjson'
  readonly delimiter?: string
  readonly report?: string
  readonly again?: true
}

/** `npm run import`: answers the exit code. */
export function importCommand(args: readonly string[]): Promise<number> {
  return runCommand<Options>(createCommand('npm run import --'), args, importing)
}

/** `tributary import`. */
export function importPart(): Command {
  return graphCommand<Options>(createCommand('import'), importing, { json: false })
}

const importing = {
  scopes: 'bulk:write and the permission of the kind',
  interrupted: 'Interrupted. Run the same command again to go on.',
  work: runImport,
}

function createCommand(name: string): Command {
  return new Command(name)
    .summary('import a CSV or NDJSON file')
    .argument('[kind]', 'what the lines are; --kinds lists them')
    .argument('[file]', 'the file, in UTF-8')
    .option('--kinds', 'list the kinds with their columns')
    .addOption(
      new Option('--format <format>', 'how lines are written; by default as the ending of the file says').choices([
        'csv',
        'ndjson',
      ]),
    )
    .addOption(
      new Option('--delimiter <character>', 'what parts the fields of a CSV; found in its header by default').choices([
        ',',
        ';',
        'tab',
      ]),
    )
    .option('--report <file>', 'where to write refused lines; <file>.refused.csv by default')
    .option('--again', 'import a file that was imported before')
    .addHelpText('after', name === 'import' ? examples.replaceAll('npm run import --', 'tributary import') : examples)
}

async function runImport(run: CommandRun<Options>): Promise<number> {
  const { options, args, graph, print, printError } = run
  if (options.kinds) return listKinds(run)
  const [kind, file] = args
  if (kind === undefined || file === undefined) {
    throw new UsageError('Name a kind and a file: npm run import -- <kind> <file>. --kinds lists the kinds.')
  }
  const format = options.format ?? formatOf(file)
  const beginning = await firstLine(file)
  const delimiter = options.delimiter === 'tab' ? '\t' : (options.delimiter ?? delimiterOf(beginning))
  const content = await contentId(file)
  const sending = sendFile({
    graph,
    file,
    kind,
    format: format === 'csv' ? 'CSV' : 'NDJSON',
    delimiter,
    externalId: options.again ? await nameAgain(run, kind, content) : content,
    print,
    signal: run.signal,
  })
  try {
    return await conclude(run, file, await sending)
  } catch (error) {
    const passing = error instanceof GraphError && error.code.startsWith('SUBGRAPH_')
    if (passing || error instanceof UnreachableError)
      printError('What was sent is kept. Run the same command again to go on.')
    throw error
  }
}

/** The name of an import of known content: that of one that was interrupted, or a new one. */
async function nameAgain({ graph }: CommandRun<Options>, kind: string, content: string): Promise<string> {
  const jobs = 'first: 10) { nodes { externalId } }'
  const open = await graph.request<Record<'receiving' | 'processing', OpenJobs>>(
    `query ($kind: String!) {
      receiving: importJobs(kind: $kind, state: RECEIVING, ${jobs}
      processing: importJobs(kind: $kind, state: PROCESSING, ${jobs}
    }`,
    { kind },
  )
  const names = [open.receiving, open.processing].flatMap(({ nodes }) => nodes.map(({ externalId }) => externalId))
  return names.find((name) => name.startsWith(`${content}@`)) ?? `${content}@${new Date().toISOString()}`
}

interface OpenJobs {
  readonly nodes: readonly { readonly externalId: string }[]
}

async function conclude(run: CommandRun<Options>, file: string, job: ImportJobAnswer): Promise<number> {
  const { options, graph, print, printError } = run
  print(`${job.linesRead} lines: ${job.linesApplied} applied, ${job.linesRefused} refused (${job.id})`)
  if (job.linesRefused > 0) {
    const report = options.report ?? `${file}.refused.csv`
    await writeReport(graph, job.id, report)
    printError(`The refused lines are told in ${report}.`)
  }
  if (job.failure) printError(`${job.failure.code}: ${job.failure.message}`)
  if (job.state === 'CANCELLED') printError('The import was cancelled.')
  return job.state === 'COMPLETED' && job.linesRefused === 0 ? 0 : 1
}

async function listKinds({ graph, print }: CommandRun<Options>): Promise<number> {
  const { importKinds } = await graph.request<{ importKinds: readonly KindAnswer[] }>(
    '{ importKinds { kind description scope columns { name description required type } } }',
  )
  if (importKinds.length === 0) print('This app may import nothing.')
  for (const { kind, description, scope, columns } of importKinds) {
    print(`${kind}  (${scope})\n  ${description}`)
    const width = Math.max(...columns.map(({ name }) => name.length))
    for (const column of columns) {
      const kindOfValue = `${column.type}${column.required ? '' : ', optional'}`
      print(`    ${column.name.padEnd(width)}  ${column.description} (${kindOfValue})`)
    }
    print('')
  }
  return 0
}

interface KindAnswer {
  readonly kind: string
  readonly description: string
  readonly scope: string
  readonly columns: readonly { name: string; description: string; required: boolean; type: string }[]
}

function formatOf(file: string): 'csv' | 'ndjson' {
  if (/\.(csv|tsv|txt)$/i.test(file)) return 'csv'
  if (/\.(ndjson|jsonl)$/i.test(file)) return 'ndjson'
  throw new UsageError(`What is ${file}? Pass --format csv or --format ndjson.`)
}

/** The delimiter that occurs most in a header. */
function delimiterOf(header: string): string {
  const counts = [',', ';', '\t'].map((character) => [header.split(character).length, character] as const)
  return counts.toSorted(([a], [b]) => b - a)[0]?.[1] ?? ','
}
