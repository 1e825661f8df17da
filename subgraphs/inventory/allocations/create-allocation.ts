import type { ClientSession } from 'mongoose'
import { createId, isIdOf } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { checkUnits } from '../levels/level-rules.ts'
import { createLevelOpener } from '../levels/new-levels.ts'
import { allocationEvent } from './allocation-events.ts'
import type { ChannelAllocationDocument } from './allocation-model.ts'

export interface CreateAllocationInput {
  readonly organizationId: string
  readonly skuId: string
  readonly locationId?: string | null
  readonly quantity: number
  readonly validFrom?: Date | null
  readonly validUntil: Date
}

/** Sets units of a SKU aside for one partner, which are also the most that it can reserve meanwhile. */
export async function createAllocation(
  { models, events, now }: InventoryContext,
  input: CreateAllocationInput,
  session: ClientSession,
): Promise<string> {
  const { organizationId, skuId, locationId = null, quantity, validUntil } = input
  const at = now()
  const validFrom = input.validFrom ?? at
  const wrong = checkUnits(quantity)
  if (wrong) throw refuse(wrong.code, ['input', wrong.field], wrong.message)
  if (!isIdOf('Organization', organizationId)) {
    throw refuse('NOT_FOUND', ['input', 'organizationId'], 'There is no such organization.')
  }
  if (validUntil <= at || validUntil <= validFrom) {
    throw refuse('INVALID_VALIDITY', ['input', 'validUntil'], 'validUntil must lie ahead and after validFrom.')
  }
  if ((await models.skus.byIds([skuId], session)).length === 0) {
    throw refuse('SKU_NOT_FOUND', ['input', 'skuId'], 'This SKU is not in the range; check its id.')
  }
  const closed =
    locationId === null
      ? undefined
      : (await createLevelOpener(models, session, [{ skuId, locationId }])).refusal({ skuId, locationId })
  if (closed) throw refuse(closed.code, ['input', closed.field], closed.message)
  // From here on every other allocation and reservation of the SKU waits for this one, so none can overlap unseen.
  await models.skus.noteAllocation(session, skuId, validUntil)
  const others = await models.allocations.ofSkus([skuId], validFrom, session)
  if (
    others.some(
      (other) =>
        other.organizationId === organizationId && other.locationId === locationId && other.validFrom < validUntil,
    )
  ) {
    const message = 'The organization has an allocation of this SKU and warehouse in that time; change or end that one.'
    throw refuse('ALLOCATION_OVERLAPS', ['input', 'validFrom'], message)
  }
  const allocation: ChannelAllocationDocument = {
    _id: createId('ChannelAllocation'),
    organizationId,
    skuId,
    locationId,
    quantity,
    drawn: 0,
    validFrom,
    validUntil,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  await models.allocations.insert([allocation], session)
  await events.append(session, allocationEvent('allocation.created', allocation))
  return allocation._id
}
