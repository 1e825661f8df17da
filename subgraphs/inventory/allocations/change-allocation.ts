import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { checkUnits } from '../levels/level-rules.ts'
import { allocationEvent } from './allocation-events.ts'
import { isValidAt } from './free-units.ts'

export interface ChangeAllocationInput extends CommandTarget {
  readonly quantity?: number | null
  readonly validUntil?: Date | null
}

/** Gives an allocation another size or another end; an end of now frees what was not drawn. */
export async function changeAllocation(
  { models, events, caller, now }: InventoryContext,
  input: ChangeAllocationInput,
  session: ClientSession,
): Promise<string> {
  const at = now()
  const [found] = await models.allocations.byIds(caller, [input.id], session)
  const before = checkTarget('allocation', found, input)
  const quantity = input.quantity ?? before.quantity
  const validUntil = input.validUntil ?? before.validUntil
  const wrong = checkUnits(quantity)
  if (wrong) throw refuse(wrong.code, ['input', wrong.field], wrong.message)
  if (quantity < before.drawn) {
    const message = `${before.drawn} units of the allocation are drawn already; it cannot be smaller.`
    throw refuse('BELOW_DRAWN', ['input', 'quantity'], message)
  }
  if (before.validUntil <= at) {
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], 'The allocation is over; make a new one.')
  }
  if (validUntil <= before.validFrom) {
    throw refuse('INVALID_VALIDITY', ['input', 'validUntil'], 'validUntil must lie after validFrom.')
  }
  await models.skus.noteAllocation(session, before.skuId, validUntil)
  const later = (await models.allocations.ofSkus([before.skuId], before.validFrom, session)).filter(
    ({ _id, organizationId, locationId }) =>
      _id !== before._id && organizationId === before.organizationId && locationId === before.locationId,
  )
  if (later.some((other) => other.validFrom < validUntil && other.validUntil > before.validFrom)) {
    const message = 'Another allocation of the organization begins before that; change or end that one.'
    throw refuse('ALLOCATION_OVERLAPS', ['input', 'validUntil'], message)
  }
  const fields = { quantity, validUntil, updatedAt: at }
  changedInside(await models.allocations.change(session, before, fields), before._id)
  await events.append(session, allocationEvent('allocation.changed', { ...before, ...fields }))
  return before._id
}

/** What an allocation is worth at a moment. */
export function stateOf(
  allocation: { readonly validFrom: Date; readonly validUntil: Date },
  at: Date,
): 'PLANNED' | 'VALID' | 'OVER' {
  if (isValidAt(allocation, at)) return 'VALID'
  return at < allocation.validFrom ? 'PLANNED' : 'OVER'
}
