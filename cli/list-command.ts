import type { Command } from 'commander'
import type { GraphOptions } from './graph-options.ts'
import { type Cell, table } from './print-table.ts'
import { type CommandRun, graphCommand } from './run-command.ts'

/** A part of `tributary` that reads a list: a table for people, the rows as they were answered with `--json`. */
export function listCommand<Row, Options extends GraphOptions = GraphOptions>(
  given: Command,
  list: {
    readonly scopes: string
    readonly read: (run: CommandRun<Options>) => Promise<readonly Row[]>
    /** What people are shown of a row, from left to right. */
    readonly columns: (options: Options) => readonly (readonly [heading: string, cell: (row: Row) => Cell])[]
  },
): Command {
  return graphCommand<Options>(given, {
    scopes: list.scopes,
    interrupted: 'Interrupted.',
    async work(run) {
      const rows = await list.read(run)
      run.show(rows, () => {
        const columns = list.columns(run.options)
        const headings = columns.map(([heading]) => heading)
        const lines = rows.map((row) => columns.map(([, cell]) => cell(row)))
        run.print(table(headings, lines))
      })
      return 0
    },
  })
}
