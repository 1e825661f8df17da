import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from './call.ts'
import { type Product, seededDataDir, startProduct } from './product.ts'

/** A sale of one piece under a key of its own. */
interface Sale {
  readonly idempotencyKey: string
  readonly level: string
  readonly input: { readonly adjustments: readonly object[] }
}

interface Level {
  readonly id: string
  readonly version: number
  readonly onHand: number
  readonly available: number
  readonly sku: { readonly id: string }
  readonly location: { readonly id: string }
}

const writers = 12

let dataDir: string
let product: Product
let start: ReadonlyMap<string, Level>
const acknowledged: Sale[] = []
const unanswered: Sale[] = []

/** Writes that a product has acknowledged before it was killed, so many times. */
export function describeCrashes(rounds: number): void {
  describe('a product that is killed', () => {
    beforeAll(async () => {
      dataDir = await seededDataDir()
      product = await startProduct('one process', { dataDir })
      start = await readLevels()
    }, 120_000)
    afterAll(async () => {
      await product[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    })

    it(
      `loses nothing that it acknowledged when every process of it is killed ${rounds} times during writes`,
      async () => {
        const stocked = [...start.values()].filter(({ available }) => available > 200).slice(0, 6)
        for (let round = 0; round < rounds; round++) {
          await sellUntilKilled(stocked, { round, killAfter: 10 + Math.floor(Math.random() * 150) })
          product = await startProduct('one process', { dataDir })
          const now = await readLevels()
          for (const { id, available, version } of stocked) {
            const sure = salesOf(acknowledged, id)
            const sold = available - (now.get(id)?.available ?? 0)
            expect(sold).toBeGreaterThanOrEqual(sure)
            expect(sold).toBeLessThanOrEqual(sure + salesOf(unanswered, id))
            expect((now.get(id)?.version ?? 0) - version).toBe(sold)
          }
        }
      },
      90_000 * rounds,
    )

    it('does nothing when an acknowledged sale is sent again', async () => {
      expect(acknowledged.length).toBeGreaterThan(0)
      const before = await readLevels()
      for (const sale of acknowledged)
        expect(await sell(sale)).toEqual({ levels: [{ id: sale.level }], userErrors: [] })
      expect(await readLevels()).toEqual(before)
    }, 60_000)

    it('has each sale exactly once after the unanswered ones are sent again', async () => {
      for (const sale of unanswered) expect(await sell(sale)).toEqual({ levels: [{ id: sale.level }], userErrors: [] })
      const now = await readLevels()
      for (const { id, available, onHand } of start.values()) {
        const sold = salesOf(acknowledged, id) + salesOf(unanswered, id)
        expect(now.get(id)).toMatchObject({ available: available - sold, onHand: onHand - sold })
      }
    }, 60_000)
  })
}

/** Sells with several writers at once and kills the product after so many answers, while others are under way. */
async function sellUntilKilled(
  levels: readonly Level[],
  { round, killAfter }: { round: number; killAfter: number },
): Promise<void> {
  let answers = 0
  let killing: Promise<void> | undefined
  const write = async (writer: number): Promise<void> => {
    for (let count = 0; killing === undefined; count++) {
      const { id, sku, location } = levels[(writer + count) % levels.length] as Level
      const sale: Sale = {
        idempotencyKey: `crash-${round}-${writer}-${count}`,
        level: id,
        input: { adjustments: [{ skuId: sku.id, locationId: location.id, delta: -1, reason: 'SALE' }] },
      }
      const answer = await sell(sale).catch((error: unknown) => {
        if (killing === undefined) throw error
        return undefined
      })
      if (answer === undefined) {
        unanswered.push(sale)
        break
      }
      expect(answer).toEqual({ levels: [{ id }], userErrors: [] })
      acknowledged.push(sale)
      if (++answers === killAfter) killing = product.kill()
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  await killing
}

async function sell({ idempotencyKey, input }: Sale): Promise<unknown> {
  const { data, errors } = await call(
    product,
    product.operator,
    `mutation ($input: AdjustInventoryInput!, $idempotencyKey: String) {
      adjustInventory(input: $input, idempotencyKey: $idempotencyKey) { levels { id } userErrors { code message } } }`,
    { input, idempotencyKey },
  )
  expect(errors).toBeUndefined()
  return data.adjustInventory
}

/** Levels by id; on hand must be the sum of its parts in every one of them. */
async function readLevels(): Promise<ReadonlyMap<string, Level>> {
  const { data, errors } = await call(
    product,
    product.operator,
    `{ inventoryLevels(first: 250) { nodes { id version onHand available committed reserved safety damaged qualityControl
      sku { id } location { id } } } }`,
  )
  expect(errors).toBeUndefined()
  const levels = data.inventoryLevels.nodes as (Level & Record<string, number>)[]
  for (const level of levels) {
    const parts = ['available', 'committed', 'reserved', 'safety', 'damaged', 'qualityControl'] as const
    expect(level.onHand).toBe(parts.reduce((sum, part) => sum + (level[part] ?? Number.NaN), 0))
  }
  return new Map(levels.map((level) => [level.id, level]))
}

function salesOf(sales: readonly Sale[], level: string): number {
  return sales.filter((sale) => sale.level === level).length
}
