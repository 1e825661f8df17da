import type { ClientSession } from 'mongoose'
import type { ChangeReason } from '../ledger/change-reason.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { type OpenStock, openStock } from '../stock/open-stock.ts'
import { levelId } from './level-model.ts'
import { boundsRefusal, closedRefusal } from './level-rules.ts'
import { type LineRefusal, createLineErrors } from './line-errors.ts'
import type { Quantities } from './quantities.ts'

/** A change of one level that a line asks for. */
export interface LineChange {
  readonly skuId: string
  readonly locationId: string
  readonly changes: Partial<Quantities>
  readonly reason: ChangeReason
  /** The field of the line that is at fault when the level does not allow it. */
  readonly field: string
  /** The field that names the warehouse. */
  readonly locationField?: string
  readonly reference?: string | null
}

interface Lines {
  /** The input's field that holds the lines. */
  readonly listField: string
  /** The changes of each line, in order; a line may change several levels, as a transfer does. */
  readonly lines: readonly (readonly LineChange[])[]
}

/** Applies the lines of a batch in order, all or none; answers the batch's id. */
export async function applyLines(
  context: InventoryContext,
  { listField, lines }: Lines,
  session: ClientSession,
): Promise<string> {
  const errors = createLineErrors(listField)
  const levelIds = [...new Set(lines.flat().map(({ skuId, locationId }) => levelId(skuId, locationId)))]
  const stock = await openStock(context, session, { levelIds })
  for (const [index, changes] of lines.entries()) {
    for (const change of changes) {
      const refusal = applyLine(context, stock, change)
      if (refusal) errors.add(index, refusal)
    }
  }
  errors.check()
  await stock.write()
  const { appId, organizationId } = context.caller
  return context.models.ledger.recordBatch(session, { levelIds, appId, organizationId, occurredAt: stock.at })
}

function applyLine({ caller }: InventoryContext, stock: OpenStock, line: LineChange): LineRefusal | undefined {
  const { skuId, locationId, changes, reason, field, locationField, reference = null } = line
  const id = levelId(skuId, locationId)
  const level = stock.level(id)
  if (!level) {
    const message = 'This SKU is not kept at this warehouse; setInventory can begin to.'
    return { code: 'LEVEL_NOT_FOUND', field: 'skuId', message }
  }
  const closed = closedRefusal(level, changes, locationField)
  if (closed) return closed
  const broken = stock.change(id, changes, { reason, reference, actor: caller })
  return broken && boundsRefusal(broken, changes, field)
}
