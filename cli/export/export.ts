import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type GraphQLSchema, buildSchema } from 'graphql'
import { toCsv } from '../csv-writer.ts'
import type { GraphOptions } from '../graph-options.ts'
import { createProgressLine } from '../progress-line.ts'
import { type CommandRun, graphCommand, runCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { type Column, defaultColumns, readColumns, valueOf } from './columns.ts'
import { readConnectionPath } from './connection-path.ts'
import { openTarget } from './open-target.ts'
import { readPages } from './read-pages.ts'

const examples = `
Writes any list of the graph to standard output or a file, page by page and in the list's order. The list is named as
in a query, with its filters; columns are fields of its items, with dots into what they refer to.

Examples
  All SKUs:
    npm run --silent export -- skus > skus.csv
  Some columns of a partner's open invoices:
    npm run export -- 'organization(id: "org_…").invoices(status: OPEN)' --columns number,dueAt,total.amount --out open.csv

Exit codes: 0 written, 1 something failed, 2 wrong options, 130 interrupted.`

interface Options extends GraphOptions {
  readonly format: 'csv' | 'ndjson'
  readonly columns?: string
  readonly out?: string
  readonly after?: string
}

/** `npm run export`: answers the exit code. */
export function exportCommand(args: readonly string[]): Promise<number> {
  return runCommand<Options>(createCommand('npm run export --'), args, createExporting())
}

/** `tributary export`. */
export function exportPart(): Command {
  return graphCommand<Options>(createCommand('export'), createExporting(), { json: false })
}

function createExporting(): Parameters<typeof runCommand<Options>>[2] {
  let reached: string | null = null
  return {
    scopes: 'the permissions that the list and its columns ask for',
    get interrupted() {
      return reached === null ? 'Interrupted.' : `Interrupted. Go on with --after ${reached}`
    },
    work: (run) =>
      runExport(run, (cursor) => {
        reached = cursor ?? reached
      }),
  }
}

function createCommand(name: string): Command {
  return new Command(name)
    .summary('write a list of the graph as CSV or NDJSON')
    .argument('<list>', 'a list with pages, for example skus or myOrganization.invoices')
    .addOption(new Option('--format <format>', 'how to write it').choices(['csv', 'ndjson']).default('csv'))
    .option('--columns <names>', 'fields, parted by commas; all plain ones by default')
    .option('--out <file>', 'the file to write; standard output by default')
    .option(
      '--after <cursor>',
      'go on behind this cursor, as an interrupted export prints it: without a header, at the end of --out',
    )
    .addHelpText(
      'after',
      name === 'export' ? examples.replaceAll(/npm run (--silent )?export --/g, 'tributary export') : examples,
    )
}

async function runExport(run: CommandRun<Options>, onCursor: (cursor: string | null) => void): Promise<number> {
  const { options, args, graph, printError } = run
  const [list] = args
  if (list === undefined) throw new UsageError('Name a list.')
  const path = readConnectionPath(loadSchema(), list)
  const columns = options.columns ? readColumns(path.nodeType, options.columns) : defaultColumns(path.nodeType)
  const after = options.after ?? null
  const progress = createProgressLine(process.stderr)
  await using target = await openTarget(options.out, after !== null)
  let [written, reached] = [0, after]
  try {
    for await (const { nodes, endCursor } of readPages({ graph, path, columns, after })) {
      const isFirst = reached === after && target.isEmpty
      await target.write(textOf(options.format, { nodes, columns, header: isFirst }))
      // Only what is written counts: an export that goes on begins behind it.
      written += nodes.length
      reached = endCursor
      onCursor(endCursor)
      if (options.out !== undefined) progress.tell(`${written} written`)
    }
  } catch (error) {
    const unread = error instanceof Error && 'code' in error && error.code === 'EPIPE'
    if (written > 0 && !unread && !run.signal.aborted) printError(`${written} written. Go on with --after ${reached}`)
    throw error
  } finally {
    progress.end()
  }
  if (options.out !== undefined) printError(`${written} written to ${options.out}`)
  return 0
}

function textOf(
  format: Options['format'],
  page: { readonly nodes: readonly unknown[]; readonly columns: readonly Column[]; readonly header: boolean },
): string {
  const { nodes, columns, header } = page
  if (format === 'ndjson') return nodes.map((node) => `${JSON.stringify(node)}\n`).join('')
  const names = columns.map((column) => column.join('.'))
  const records = nodes.map((node) =>
    Object.fromEntries(columns.map((column) => [column.join('.'), valueOf(node, column)])),
  )
  return toCsv(records, names, header)
}

/** The graph as partners see it. The server decides; this is for clear errors before anything is asked of it. */
function loadSchema(): GraphQLSchema {
  return buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))
}
