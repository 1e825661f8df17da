import { afterAll, beforeAll, expect, it } from 'vitest'
import { isStream } from '../../gateway/streams/stream-reader.ts'
import { createEventCursors } from '../../kit/event-cursor.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoLevels, seedInventory } from '../../subgraphs/inventory/seed.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import type { Transport } from '../../gateway/transport/transport.ts'
import { type TestPipeline, createTestPipeline } from '../gateway/mini-graph.ts'
import {
  type SubgraphUnderTest,
  callerOf,
  operator,
  startSubgraph,
  testSecret,
} from '../subgraphs/subgraph-under-test.ts'

const cursors = createEventCursors(deriveSecret(testSecret, 'cursor'))
const caller = callerOf('northwind')
const levels = demoLevels(new Date()).filter(({ available }) => available > 20)
const query = `subscription ($after: String) {
  inventoryChanged(after: $after) { cursor delta level { id } }
}`
const commits = 150
const readerCount = 40

let inventory: SubgraphUnderTest
let graph: TestPipeline

beforeAll(async () => {
  inventory = await startSubgraph(inventorySubgraph, seedInventory)
  const transport: Transport = {
    execute: ({ query: text, variables, caller: who }) =>
      inventory.execute<Record<string, unknown>>(who, text, { ...variables }).then(({ data, errors }) => ({
        data,
        ...(errors ? { errors } : {}),
      })),
    subscribe: ({ query: text, variables, caller: who }) => inventory.subscribe(who, text, { ...variables }),
    close: () => Promise.resolve(),
  }
  graph = createTestPipeline(
    subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` })),
    new Map([['inventory', transport]]),
    { cursors, newestEvent, streams: { lingerMs: 0, ringEvents: 20 } },
  )
})
afterAll(async () => {
  await graph?.pipeline.closeStreams()
  await inventory?.stop()
})

async function newestEvent(): Promise<string> {
  const { data } = await inventory.execute<{ inventoryLevels: { eventCursor: string } }>(
    caller,
    '{ inventoryLevels(first: 1) { eventCursor } }',
  )
  return data.inventoryLevels.eventCursor
}

async function sell(at: number): Promise<void> {
  const level = levels[at % 5]
  if (!level) throw new Error('the demo has no stock')
  const { skuId, locationId } = level
  const { errors } = await inventory.execute(
    operator,
    'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
    { input: { adjustments: [{ skuId, locationId, delta: 1, reason: 'RESTOCK' }] } },
  )
  expect(errors).toBeUndefined()
}

/** A reader that leaves and comes back with its cursor time and again. */
class Wanderer {
  readonly got: string[] = []
  /** Streams that were taken from it. */
  readonly ends: unknown[] = []
  #cursor: string
  #leave: (() => void) | undefined

  constructor(cursor: string) {
    this.#cursor = cursor
  }

  async come(): Promise<void> {
    const stream = await graph.open(query, { caller, variables: { after: this.#cursor } })
    if (!isStream(stream)) throw new Error(stream.body)
    const reader = stream.read({
      send: ({ body, cursor }) => {
        const { data } = JSON.parse(body) as { data: { inventoryChanged: { cursor: string } } }
        expect(cursor).toBe(data.inventoryChanged.cursor)
        this.got.push(data.inventoryChanged.cursor)
        this.#cursor = data.inventoryChanged.cursor
        return true
      },
      end: (reason) => void this.ends.push(reason),
    })
    this.#leave = () => reader.close()
  }

  leave(): void {
    this.#leave?.()
  }
}

it('tells each reader of real stock each change once and in order, while stock is sold and readers come and go', async () => {
  const wanderers = Array.from({ length: readerCount }, () => new Wanderer(cursors.encode(0)))
  await Promise.all(wanderers.map((wanderer) => wanderer.come()))
  for (let turn = 0; turn < commits / 5; turn += 1) {
    const moving = [0, 1, 2].map(async (more) => {
      const wanderer = wanderers[(turn * 3 + more) % readerCount]
      wanderer?.leave()
      await wanderer?.come()
    })
    await Promise.all([...moving, ...[0, 1, 2, 3, 4].map((more) => sell(turn * 5 + more))])
  }
  await expect.poll(() => wanderers.filter(({ got }) => got.length >= commits).length).toBe(readerCount)
  expect(wanderers.flatMap(({ ends }) => ends)).toEqual([])
  const positions = wanderers.map(({ got }) => got.map((cursor) => cursors.decode(cursor) ?? 0))
  const [first = []] = positions
  expect(new Set(first).size).toBe(commits)
  expect(first).toEqual(first.toSorted((a, b) => a - b))
  for (const other of positions) expect(other).toEqual(first)
})
