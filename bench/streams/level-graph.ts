import { createQueue } from '../../kit/event-queue.ts'

/** One change of a level, as both servers of the bench tell it. */
export interface LevelChange {
  readonly id: number
  /** `process.hrtime` in milliseconds when it happened, which all processes of a machine share. */
  readonly at: number
  readonly cursor: string
}

/** Changes that happen when the bench says so. */
export function createLevelChanges() {
  const readers = new Set<(change: LevelChange) => void>()
  let count = 0
  return {
    happen(): void {
      count += 1
      const change = { id: count, at: Number(process.hrtime.bigint()) / 1e6, cursor: `cursor_${count}` }
      for (const push of readers) push(change)
    },
    follow(): AsyncIterableIterator<LevelChange, undefined> {
      const { push, iterator } = createQueue<LevelChange>({ limit: 1_000, onEnd: () => readers.delete(push) })
      readers.add(push)
      return iterator
    },
  }
}

export const subscription = `subscription {
  levelChanged {
    at cursor reason delta
    level { id available onHand location { id name } sku { id code name product { id name } } }
  }
}`

const shared = `
  type LevelChange { at: Float! cursor: String! reason: String! delta: Int! level: Level! }
  type Level { id: ID! available: Int! onHand: Int! location: Location! sku: Sku! }
  type Location { id: ID! name: String! }
  type Product { id: ID! name: String! }`

/** What the stock server serves alone. */
export const wholeSdl = `
  type Query { any: Int }
  type Subscription { levelChanged: LevelChange! }
  type Sku { id: ID! code: String! name: String! product: Product! }
  ${shared}`

/** The same in two subgraphs: the goods are another's. */
export const inventorySdl = `
  type Query { any: Int }
  type Subscription { levelChanged: LevelChange! }
  type Sku @key(fields: "id") { id: ID! }
  ${shared}`.replace('type Product { id: ID! name: String! }', '')
export const catalogSdl = `
  type Query { products: Int }
  type Sku @key(fields: "id") { id: ID! code: String! name: String! product: Product! }
  type Product { id: ID! name: String! }`

export function changeOf({ id, at, cursor }: LevelChange) {
  const level = {
    id: `lvl_${id % 100}`,
    available: 1_000 - id,
    onHand: 1_200 - id,
    location: { id: 'loc_1', name: 'Central warehouse' },
    sku: skuOf(`sku_${id % 100}`),
  }
  return { at, cursor, reason: 'SALE', delta: -1, level }
}

export function skuOf(id: string) {
  return { id, code: `CODE-${id}`, name: `An article of goods called ${id}`, product: { id: 'prd_1', name: 'Goods' } }
}
