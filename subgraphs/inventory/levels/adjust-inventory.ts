import type { ClientSession } from 'mongoose'
import type { InventoryContext } from '../inventory-context.ts'
import type { AdjustmentReason } from '../ledger/change-reason.ts'
import { type LineChange, applyLines } from './apply-lines.ts'
import { isRefusal, planAdjustment } from './level-rules.ts'
import { checkBatchSize, createLineErrors } from './line-errors.ts'
import { checkReference } from './reference.ts'

export interface AdjustInventoryInput {
  readonly adjustments: readonly {
    readonly skuId: string
    readonly locationId: string
    readonly delta: number
    readonly reason: AdjustmentReason
    readonly reference?: string | null
  }[]
}

/** Applies differences to levels in the order of the lines, all or none. */
export async function adjustInventory(
  context: InventoryContext,
  input: AdjustInventoryInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('adjustments', input.adjustments)
  const errors = createLineErrors('adjustments')
  const lines = input.adjustments.map((line, index): LineChange[] => {
    const plan = checkReference(line.reference) ?? planAdjustment(line)
    if (!isRefusal(plan)) return [{ ...line, changes: plan, field: 'delta' }]
    errors.add(index, plan)
    return []
  })
  errors.check()
  return applyLines(context, { listField: 'adjustments', lines }, session)
}
