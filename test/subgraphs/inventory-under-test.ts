import { expect } from 'vitest'
import type { Caller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { type InventoryLevelDocument, emptyLevel } from '../../subgraphs/inventory/levels/level-model.ts'
import type { Quantities } from '../../subgraphs/inventory/levels/quantities.ts'
import { createInventoryModels } from '../../subgraphs/inventory/models.ts'
import { openLevels } from '../../subgraphs/inventory/seed.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

export const northwind = callerOf('northwind')
export const contoso = callerOf('contoso')
export const fjordline = callerOf('fjordline')

export interface Refusal {
  readonly code: string
  readonly field: readonly string[] | null
  readonly message: string
}
export interface Reservation {
  readonly id: string
  readonly state: string
  readonly quantity: number
  readonly version: number
  readonly expiresAt: string
  readonly location: { readonly id: string }
  readonly allocation: { readonly id: string } | null
}

const reservationFields = 'id state quantity version expiresAt location { id } allocation { id }'
const errorFields = 'userErrors { code field message }'

/** A warehouse of the demo by its place in the list. */
export function warehouse(index: number): string {
  return demoLocations[index]?.id ?? ''
}

/** The subgraph with the demo's warehouses and no stock, and the commands that tests give it. */
export async function startInventory() {
  const subgraph = await startSubgraph(inventorySubgraph, async (connection, { now }) => {
    const { locations } = createInventoryModels({ connection, now })
    await locations.insert(demoLocations.map(({ id, ...location }) => ({ _id: id, ...location })))
  })
  const models = createInventoryModels({ connection: subgraph.connection, now: () => new Date() })
  let skus = 0
  let keys = 0

  const mutation = async <Answer>(caller: Caller, name: string, input: object, options: MutationOptions) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    const query = `mutation ($input: ${type}, $key: String) {
      ${name}(input: $input, idempotencyKey: $key) { ${options.select} ${errorFields} }
    }`
    const variables = { input, key: options.key ?? `key-${keys++}` }
    const { data, errors } = await subgraph.execute<Record<string, Answer>>(caller, query, variables)
    expect(errors).toBeUndefined()
    return data[name] as Answer & { readonly userErrors: readonly Refusal[] }
  }
  const quantitiesOf = async (level: { readonly _id: string }): Promise<Quantities> => {
    const [found] = await models.levels.byIds([level._id])
    if (!found) throw new Error('there is no such level')
    const { available, committed, reserved, safety, damaged, qualityControl } = found
    return { available, committed, reserved, safety, damaged, qualityControl }
  }
  return {
    ...subgraph,
    models,
    mutation,
    quantitiesOf,
    /** A SKU that no other test uses, with so many available units at the first warehouses. */
    async stock(...available: readonly number[]): Promise<readonly InventoryLevelDocument[]> {
      const skuId = seededId('Sku', `test-${skus++}`)
      const code = `TEST-${skus}`
      await subgraph.react({ type: 'sku.created', subject: skuId, data: { productId: 'prod_test', code } })
      const levels = available.map((units, index) => ({
        ...emptyLevel(skuId, warehouse(index), new Date()),
        available: units,
        version: 1,
      }))
      await openLevels(models, levels)
      return levels
    },
    reserve: (caller: Caller, input: object, key?: string) =>
      mutation<{ readonly reservations: readonly Reservation[] | null }>(caller, 'reserveInventory', input, {
        select: `reservations { ${reservationFields} }`,
        key,
      }),
    /** Commits, releases, extends or fulfils. */
    move: (caller: Caller, verb: 'commit' | 'release' | 'extend' | 'fulfil', input: object, key?: string) =>
      mutation<{ readonly reservation: Reservation | null }>(caller, `${verb}Reservation`, input, {
        select: `reservation { ${reservationFields} }`,
        key,
      }),
    allocate: (input: object) =>
      mutation<{ readonly allocation: { readonly id: string; readonly version: number } | null }>(
        operator,
        'createAllocation',
        { validUntil: new Date(Date.now() + 1_000_000_000).toISOString(), ...input },
        { select: 'allocation { id version }' },
      ),
    /** What is not as it should be, of all levels. */
    async differences(): Promise<number> {
      let after: string | null = null
      let found = 0
      do {
        const { data }: Step = await subgraph.execute(
          operator,
          'query ($after: String) { verifyInventory(first: 50, after: $after) { nextCursor differences { ledgerVersion } } }',
          { after },
        )
        found += data.verifyInventory.differences.length
        after = data.verifyInventory.nextCursor
      } while (after !== null)
      return found
    },
  }
}

interface MutationOptions {
  readonly select: string
  readonly key?: string | undefined
}
interface Step {
  readonly data: {
    readonly verifyInventory: { readonly nextCursor: string | null; readonly differences: readonly unknown[] }
  }
}

export type InventoryUnderTest = Awaited<ReturnType<typeof startInventory>>
