import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createEventCursors } from '../../kit/event-cursor.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { authHeaders, call } from '../e2e/call.ts'
import type { Fleet } from '../e2e/fleet.ts'
import type { SoakOrder, SoakReport } from './soak-readers.ts'

const secret = 'a secret for tests, of at least 32 characters'
const batch = 10

export interface Soaked {
  readonly readers: number
  /** Changes of stock that were committed. */
  readonly committed: number
  /** The sum of their positions in the log. */
  readonly positions: number
  readonly report: SoakReport
  readonly seconds: number
}

/**
 * Readers over graphql-ws and SSE at three gateways while stock changes; a gateway and a subgraph are killed and started
 * again meanwhile. Nobody may have asked the fleet before: limits are lifted in its database. Ends when every reader has the last change, or at the deadline.
 */
export async function soak(
  fleet: Fleet,
  options: {
    readonly readers: number
    readonly eventsPerSecond: number
    readonly seconds: number
    readonly processes: number
    readonly deadlineMs: number
  },
): Promise<Soaked> {
  const { readers, eventsPerSecond, seconds, processes, deadlineMs } = options
  const connection = await fleet.database.connect()
  const plenty = { 'limits.bucketSize': 1_000_000_000, 'limits.restoreRate': 1_000_000_000, 'limits.openStreams': null }
  await connection.collection('billing_app_limits').updateMany({}, { $set: plenty })
  const cursors = createEventCursors(deriveSecret(secret, 'cursor'))
  const urls = fleet.gateways.map(({ url }) => url)
  const [killed, steady] = fleet.gateways
  if (!killed || !steady) throw new Error('the fleet has no gateways')
  const operator = fleet.app('operator-console')
  const app = fleet.app('northwind-portal')
  const { data } = await call(
    steady,
    operator,
    '{ eventLog { newest } inventoryLevels(first: 50) { nodes { sku { id } location { id } } } }',
  )
  const after: string = data.eventLog.newest
  const levels = data.inventoryLevels.nodes as { sku: { id: string }; location: { id: string } }[]

  const children = Array.from({ length: processes }, () =>
    fork(new URL('soak-readers.ts', import.meta.url), { execArgv: ['--import', 'tsx'] }),
  )
  const began = performance.now()
  try {
    const order: SoakOrder = {
      urls,
      cursorKey: deriveSecret(secret, 'cursor').toString('base64'),
      headers: authHeaders(app),
      init: { ...app },
      readers: Math.ceil(readers / processes),
      after,
    }
    for (const child of children) child.send({ order })
    const all = order.readers * processes
    await until(async () => (await askAll(children, 0)).open >= all, deadlineMs)
    const opened = await askAll(children, 0)
    if (opened.open < all) throw new Error(`not all readers could begin: ${JSON.stringify(opened)}`)

    let sold = 0
    const sell = async (): Promise<void> => {
      const adjustments = Array.from({ length: batch }, (_, at) => {
        const level = levels[(sold + at) % levels.length]
        return { skuId: level?.sku.id, locationId: level?.location.id, delta: 1, reason: 'RESTOCK' }
      })
      sold += batch
      const answer = await call(
        steady,
        operator,
        'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { message } } }',
        { input: { adjustments } },
      )
      if (answer.errors || answer.data.adjustInventory.userErrors.length > 0) throw new Error(JSON.stringify(answer))
    }
    const trouble = (async () => {
      await pause((seconds * 1_000) / 4)
      await killed.kill()
      await pause(1_000)
      await killed.start()
      const [subgraph] = fleet.subgraph('inventory')
      await subgraph?.kill()
      await pause(1_000)
      await subgraph?.start()
    })()
    for (let at = 0; at < (seconds * eventsPerSecond) / batch; at += 1) {
      await Promise.all([sell(), pause((1_000 * batch) / eventsPerSecond)])
    }
    await trouble
    const positions = await positionsAfter(after)
    const last = positions.at(-1) ?? 0
    await until(async () => (await askAll(children, last)).complete >= all, deadlineMs)
    return {
      readers: all,
      committed: positions.length,
      positions: positions.reduce((sum, position) => sum + position, 0),
      report: await askAll(children, last),
      seconds: (performance.now() - began) / 1_000,
    }
  } finally {
    for (const child of children) child.kill()
  }

  /** The truth: what a poll tells of the log. */
  async function positionsAfter(begin: string): Promise<number[]> {
    const found: number[] = []
    const query = `query ($after: String) {
      events(after: $after, first: 250, types: ["inventory.adjusted"]) {
        edges { cursor } pageInfo { hasNextPage endCursor }
      }
    }`
    for (let cursor = begin; ;) {
      const { data: page } = await call(steady as { url: string }, operator, query, { after: cursor })
      for (const edge of page.events.edges) found.push(cursors.decode(edge.cursor) ?? 0)
      if (!page.events.pageInfo.hasNextPage) return found
      cursor = page.events.pageInfo.endCursor
    }
  }
}

async function askAll(children: readonly ChildProcess[], tellUpTo: number): Promise<SoakReport> {
  const reports = await Promise.all(
    children.map(async (child) => {
      const answer = once(child, 'message')
      child.send({ tellUpTo })
      return ((await answer) as [SoakReport])[0]
    }),
  )
  const sum = (of: (report: SoakReport) => number): number => reports.reduce((total, report) => total + of(report), 0)
  const codes: Record<string, number> = {}
  for (const report of reports) {
    for (const [code, count] of Object.entries(report.codes)) codes[code] = (codes[code] ?? 0) + count
  }
  return {
    open: sum(({ open }) => open),
    complete: sum(({ complete }) => complete),
    events: sum(({ events }) => events),
    positions: sum(({ positions }) => positions),
    repeated: sum(({ repeated }) => repeated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    reconnects: sum(({ reconnects }) => reconnects),
    codes,
  }
}

async function until(isSo: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (performance.now() < deadline && !(await isSo())) await pause(250)
}
