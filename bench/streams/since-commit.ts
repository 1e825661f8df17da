import { setTimeout as sleep } from 'node:timers/promises'
import { liftLimits } from '../measure/lift-limits.ts'
import { startProduct } from '../measure/start-product.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { StreamReaders } from './stream-readers.ts'

export interface Ages {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Time between two changes, so that each is timed by itself. */
const pauseMs = 30

const query = `subscription {
  inventoryChanged { cursor occurredAt reason delta level { id location { code } sku { id code name } } }
}`
const levelsQuery = '{ inventoryLevels(first: 100) { nodes { onHand available sku { id } location { id } } } }'
const mutation = `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
  adjustInventory(input: { adjustments: $adjustments }) { userErrors { message } } }`

interface Level {
  readonly available: number
  readonly sku: { readonly id: string }
  readonly location: { readonly id: string }
}

/**
 * Changes stock in the built product and times when readers have heard of it: since `occurredAt`, which is set just
 * before the mutation commits, through the log, its relay, the subgraph and the gateway.
 */
export async function measureSinceCommit({ readers, events }: { readers: number; events: number }): Promise<Ages> {
  await using folder = await temporaryFolder()
  await using product = await startProduct('one process', { dataDir: folder.path })
  await liftLimits(product)
  const { url, headers } = product.portalRequest
  const print = product.lines.map(({ text }) => text).join('\n')
  const [, appId = '', key = ''] = /Operator Console\s+(app_\w+)\s+(trb_\w+)/.exec(print) ?? []
  const ask = async (text: string, variables: object): Promise<Record<string, never>> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
      body: JSON.stringify({ query: text, variables }),
    })
    const { data, errors } = (await response.json()) as { data?: Record<string, never>; errors?: unknown }
    if (errors !== undefined || data === undefined) throw new Error(`the product answered ${JSON.stringify(errors)}`)
    return data
  }
  const { inventoryLevels } = (await ask(levelsQuery, {})) as unknown as { inventoryLevels: { nodes: Level[] } }
  const level = inventoryLevels.nodes.toSorted((a, b) => b.available - a.available)[0]
  if (level === undefined) throw new Error('the demo has no stock')
  const sell = (delta: number): Promise<unknown> =>
    ask(mutation, {
      adjustments: [{ skuId: level.sku.id, locationId: level.location.id, delta, reason: 'CORRECTION' }],
    })

  const all = new StreamReaders()
  try {
    const credentials = { appId: headers['x-tributary-app'] ?? '', key: headers['x-tributary-key'] ?? '' }
    await all.open({ url, query, credentials: () => credentials, ageOf }, readers)
    const ages: number[] = []
    for (let event = 0; event < events; event += 1) {
      // The first ones are for the compilers; until all readers hear of a change, some have not begun.
      if (event === 0) await untilAllHear(all, sell)
      const heard = all.each(1)
      await sell(event % 2 === 0 ? -1 : 1)
      await heard
      if (event >= events / 5) ages.push(...all.agesMs)
      await sleep(pauseMs)
    }
    ages.sort((a, b) => a - b)
    const at = (share: number): number => ages[Math.floor(ages.length * share)] ?? Number.NaN
    return { p50Ms: at(0.5), p99Ms: at(0.99) }
  } finally {
    all.close()
  }
}

const ageOf = (message: string): number => Date.now() - Date.parse(/"occurredAt":"([^"]+)"/.exec(message)?.[1] ?? '')

async function untilAllHear(all: StreamReaders, sell: (delta: number) => Promise<unknown>): Promise<void> {
  all.begin()
  while (all.fewest < 1) {
    await sell(1)
    await sleep(200)
  }
  for (let before = -1; before !== all.all; await sleep(500)) before = all.all
}

export function showAges({ p50Ms, p99Ms }: Ages): string {
  return `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`
}
