import type { Spread } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { type Operation, operations } from './layer.ts'

export interface CellSummary {
  readonly operation: Operation
  readonly clients: number
  readonly layer: string
  readonly serverUs: Spread
  readonly clientUs: Spread
  readonly perSecond: Spread
}

const embedded = 'embedded database'
const reference = 'TEST_MONGODB_URI'

/** Not every server tells its CPU time: MongoDB does on Linux. */
const unknown = '?'

/** Microseconds of CPU per operation by layer; speed in parentheses, because others on the machine change it. */
export function showCosts(cells: readonly CellSummary[]): string {
  const layers = [...new Set(cells.map(({ layer }) => layer))]
  const counts = [...new Set(cells.map(({ clients }) => clients))]
  const rows = operations.flatMap((operation) =>
    counts.map((count) => [
      `${operation}, ${count === 1 ? '1 client' : `${count} clients`}`,
      ...layers.map((layer) => showCell(cellOf(cells, { operation, clients: count, layer }))),
    ]),
  )
  return `CPU µs per operation, + that of the client where it is a process of its own (operations per second)\n${table([['', ...layers], ...rows])}`
}

/** How many times the server's CPU time of the replica set the embedded database takes. */
export function showRatios(cells: readonly CellSummary[]): string {
  const rows = cells
    .filter(({ layer }) => layer === embedded)
    .map(({ operation, clients, serverUs, perSecond }) => {
      const other = cellOf(cells, { operation, clients, layer: reference })
      return [`${operation}, ${clients}`, ratio(serverUs, other?.serverUs), ratio(perSecond, other?.perSecond)]
    })
  return table([[`embedded / ${reference}`, 'server CPU', 'speed'], ...rows])
}

function cellOf(
  cells: readonly CellSummary[],
  wanted: Pick<CellSummary, 'operation' | 'clients' | 'layer'>,
): CellSummary | undefined {
  return cells.find(
    ({ operation, clients, layer }) =>
      operation === wanted.operation && clients === wanted.clients && layer === wanted.layer,
  )
}

function showCell(cell: CellSummary | undefined): string {
  if (cell === undefined) return ''
  const client = cell.clientUs.median === 0 ? '' : ` + ${cell.clientUs.median.toFixed(0)}`
  return `${showServer(cell.serverUs)}${client} (${cell.perSecond.median.toFixed(0)})`
}

function showServer({ median }: Spread): string {
  return Number.isNaN(median) ? unknown : median.toFixed(median < 20 ? 1 : 0)
}

function ratio(one: Spread, other: Spread | undefined): string {
  return other === undefined || Number.isNaN(other.median) ? unknown : (one.median / other.median).toFixed(2)
}
