import { type Load, openLoad } from '../measure/load.ts'
import { liftLimits } from '../measure/lift-limits.ts'
import { readProcesses } from '../measure/processes.ts'
import type { MeasuredProduct, Shape } from '../measure/start-product.ts'
import { type Spread, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { portalQueries } from './portal-queries.ts'

/** One kind of load on one product: what is measured in each round. */
export interface Cell {
  readonly shape: Shape
  readonly query: string
  readonly concurrency: number
  readonly pid: number
  readonly load: Load
}

export interface Round {
  /** CPU milliseconds per query by process role. */
  readonly cpuMs: Readonly<Record<string, number>>
  readonly perSecond: number
}

export interface CellSummary extends Pick<Cell, 'shape' | 'query' | 'concurrency'> {
  /** CPU milliseconds per query of all processes together. */
  readonly cpuMs: Spread
  /** Their medians one by one. */
  readonly cpuMsByRole: Readonly<Record<string, number>>
  readonly perSecond: Spread
}

const concurrencies = [1, 16]

/** All cells of a product, its limits lifted and each answer checked once. */
export async function openCells(shape: Shape, product: MeasuredProduct): Promise<Cell[]> {
  await liftLimits(product)
  const { pid, portalRequest } = product
  const cells: Cell[] = []
  for (const { name, query, check } of portalQueries) {
    const load = await openLoad({ ...portalRequest, body: JSON.stringify({ query }) }, check)
    cells.push(...concurrencies.map((concurrency) => ({ shape, query: name, concurrency, pid, load })))
  }
  return cells
}

/** Loads a product for a while and divides the CPU time that each of its processes used by the number of answers. */
export async function measureRound({ pid, load, concurrency }: Cell, seconds: number): Promise<Round> {
  const before = new Map(readProcesses(pid).map((reading) => [reading.pid, reading.cpuMs]))
  const { answers, seconds: elapsed } = await load.run(concurrency, { afterMs: seconds * 1_000 })
  const cpuMs: Record<string, number> = {}
  for (const { pid: each, role, cpuMs: after } of readProcesses(pid)) {
    cpuMs[role] = (cpuMs[role] ?? 0) + (after - (before.get(each) ?? 0)) / answers
  }
  return { cpuMs, perSecond: answers / elapsed }
}

export function summarizeCell({ shape, query, concurrency }: Cell, rounds: readonly Round[]): CellSummary {
  const roles = Object.keys(rounds[0]?.cpuMs ?? {})
  return {
    shape,
    query,
    concurrency,
    cpuMs: spreadOf(rounds.map(({ cpuMs }) => Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0))),
    cpuMsByRole: Object.fromEntries(
      roles.map((role) => [role, spreadOf(rounds.map(({ cpuMs }) => cpuMs[role] ?? 0)).median]),
    ),
    perSecond: spreadOf(rounds.map(({ perSecond }) => perSecond)),
  }
}

/** One row a cell; the processes in the order in which they appear. */
export function showCells(cells: readonly CellSummary[]): string {
  const roles = [...new Set(cells.flatMap(({ cpuMsByRole }) => Object.keys(cpuMsByRole)))]
  const rows = cells.map(({ shape, query, concurrency, cpuMs, cpuMsByRole, perSecond }) => [
    `${query}, ${shape}, ${concurrency} at a time`,
    showSpread(cpuMs),
    ...roles.map((role) => cpuMsByRole[role]?.toFixed(2) ?? '-'),
    perSecond.median.toFixed(0),
  ])
  return table([['CPU ms per query: median (range)', 'all', ...roles, '(queries/s)'], ...rows])
}
