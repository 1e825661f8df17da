import type { ClientSession } from 'mongoose'
import type { InventoryContext } from '../inventory-context.ts'
import { type LineChange, applyLines } from './apply-lines.ts'
import { checkUnits } from './level-rules.ts'
import { checkBatchSize, createLineErrors } from './line-errors.ts'
import { checkReference } from './reference.ts'

export interface TransferInventoryInput {
  readonly transfers: readonly {
    readonly skuId: string
    readonly fromLocationId: string
    readonly toLocationId: string
    readonly quantity: number
    readonly reference?: string | null
  }[]
}

/** Takes available units from one warehouse to another, all lines or none. Goods on the road are a shipment. */
export async function transferInventory(
  context: InventoryContext,
  input: TransferInventoryInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('transfers', input.transfers)
  const errors = createLineErrors('transfers')
  const lines = input.transfers.map((line, index): LineChange[] => {
    const { skuId, fromLocationId, toLocationId, quantity, reference = null } = line
    const refusal = checkUnits(quantity) ?? checkReference(reference) ?? checkPlaces(fromLocationId, toLocationId)
    if (refusal) errors.add(index, refusal)
    const change = { skuId, reference, field: 'quantity' }
    return [
      { ...change, locationId: fromLocationId, changes: { available: -quantity }, reason: 'TRANSFER_OUT' },
      {
        ...change,
        locationId: toLocationId,
        locationField: 'toLocationId',
        changes: { available: quantity },
        reason: 'TRANSFER_IN',
      },
    ]
  })
  errors.check()
  return applyLines(context, { listField: 'transfers', lines }, session)
}

function checkPlaces(from: string, to: string) {
  if (from !== to) return undefined
  return { code: 'INVALID_MOVEMENT', field: 'toLocationId', message: 'Units are taken to another warehouse.' }
}
