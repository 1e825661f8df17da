import type { ClientSession } from 'mongoose'
import type { InventoryContext } from '../inventory-context.ts'
import type { MovementReason } from '../ledger/change-reason.ts'
import { type LineChange, applyLines } from './apply-lines.ts'
import { checkUnits } from './level-rules.ts'
import { type LineRefusal, checkBatchSize, createLineErrors } from './line-errors.ts'
import type { Quantities } from './quantities.ts'
import { checkReference } from './reference.ts'

const parts = {
  AVAILABLE: 'available',
  SAFETY: 'safety',
  DAMAGED: 'damaged',
  QUALITY_CONTROL: 'qualityControl',
} as const satisfies Record<string, keyof Quantities>

export type StockPart = keyof typeof parts

interface Movement {
  readonly skuId: string
  readonly locationId: string
  readonly from: StockPart
  readonly to?: StockPart | null
  readonly quantity: number
  readonly reason: MovementReason
  readonly reference?: string | null
}

export interface MoveInventoryInput {
  readonly movements: readonly Movement[]
}

/** Moves units between the parts of levels, or out of them where a movement goes nowhere; all lines or none. */
export async function moveInventory(
  context: InventoryContext,
  input: MoveInventoryInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('movements', input.movements)
  const errors = createLineErrors('movements')
  const lines = input.movements.map((movement, index): LineChange[] => {
    const refusal = checkMovement(movement)
    if (refusal) errors.add(index, refusal)
    const { from, to, quantity } = movement
    const changes: Partial<Quantities> = to
      ? { [parts[from]]: -quantity, [parts[to]]: quantity }
      : { [parts[from]]: -quantity }
    return [{ ...movement, changes, field: 'quantity' }]
  })
  errors.check()
  return applyLines(context, { listField: 'movements', lines }, session)
}

function checkMovement({ from, to, reason, quantity, reference }: Movement): LineRefusal | undefined {
  const refusal = checkUnits(quantity) ?? checkReference(reference)
  if (refusal) return refusal
  if (from === to) return { code: 'INVALID_MOVEMENT', field: 'to', message: 'Units are moved to another part.' }
  if (!to === (reason === 'WRITE_OFF')) return undefined
  const message = 'Units leave a level with the reason WRITE_OFF, and with no other.'
  return { code: 'INVALID_MOVEMENT', field: 'reason', message }
}
