import type { ClientSession } from 'mongoose'
import { type AppliedLine, checkBatchSize, createLineErrors, recordBatch } from './batch.ts'
import type { InventoryContext } from './inventory-context.ts'
import { levelId } from './models/inventory-level.ts'
import type { AdjustmentReason } from './models/inventory-ledger.ts'
import { isRefusal, planAdjustment } from './rules.ts'

export interface AdjustInventoryInput {
  readonly adjustments: readonly {
    readonly skuId: string
    readonly locationId: string
    readonly delta: number
    readonly reason: AdjustmentReason
  }[]
}

/**
 * Applies differences to levels, all or none. Each line is one conditional update, so two sellers of the last unit
 * cannot both have it: the second finds the condition false.
 */
export async function adjustInventory(
  context: InventoryContext,
  input: AdjustInventoryInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('adjustments', input.adjustments)
  const { levels } = context.models
  const errors = createLineErrors('adjustments')
  const lines = input.adjustments.map((line) => ({
    id: levelId(line.skuId, line.locationId),
    reason: line.reason,
    plan: planAdjustment(line),
  }))
  for (const [index, { plan }] of lines.entries()) if (isRefusal(plan)) errors.add(index, plan)
  errors.check()

  const at = context.now()
  const known = new Set((await levels.byIds([...new Set(lines.map(({ id }) => id))], session)).map(({ _id }) => _id))
  const applied: AppliedLine[] = []
  for (const [index, { id, reason, plan }] of lines.entries()) {
    if (isRefusal(plan)) continue
    if (!known.has(id)) {
      errors.add(index, {
        code: 'LEVEL_NOT_FOUND',
        field: 'skuId',
        message: 'This SKU is not kept at this warehouse; setInventory can begin to.',
      })
      continue
    }
    // In order, because lines of one level build on each other and a transaction's operations must not overlap.
    const level = await levels.change(session, id, plan, at)
    if (level) applied.push({ level, reason, changes: plan.increments })
    else errors.add(index, plan.refusal)
  }
  errors.check()
  return recordBatch(context, session, { levelIds: lines.map(({ id }) => id), applied, at })
}
