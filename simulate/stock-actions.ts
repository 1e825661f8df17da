import type { GraphClient } from '../sdk/graph-client.ts'
import type { StockedSku } from './market.ts'
import { type UserError, refusalOf } from './user-error.ts'

/** What happened, for one line of output. */
export interface ActionReport {
  readonly verb: string
  readonly text: string
}

const adjustMutation = /* GraphQL */ `
  mutation SimulatedTrade($input: AdjustInventoryInput!, $key: String!) {
    adjustInventory(input: $input, idempotencyKey: $key) {
      levels {
        available
      }
      userErrors {
        code
        message
      }
    }
  }
`

interface AdjustAnswer {
  readonly adjustInventory: {
    readonly levels: readonly { readonly available: number }[] | null
    readonly userErrors: readonly UserError[]
  }
}

/** Sells or restocks; a sale that finds too little left is an ordinary outcome and told as such. */
export async function trade(
  graph: GraphClient,
  stocked: StockedSku,
  change: { readonly reason: 'SALE' | 'RESTOCK'; readonly delta: number; readonly key: string },
): Promise<ActionReport> {
  const { skuId, locationId, code, name, locationCode } = stocked
  const { reason, delta, key } = change
  const { adjustInventory } = await graph.request<AdjustAnswer>(adjustMutation, {
    input: { adjustments: [{ skuId, locationId, delta, reason }] },
    key,
  })
  const available = adjustInventory.levels?.[0]?.available
  if (available !== undefined) stocked.available = available
  const outcome = refusalOf(adjustInventory.userErrors) ?? `${available} available`
  const signed = delta > 0 ? `+${delta}` : String(delta)
  return { verb: reason, text: `${signed.padStart(5)}  ${code}  ${locationCode}  ${outcome}  (${name})` }
}
