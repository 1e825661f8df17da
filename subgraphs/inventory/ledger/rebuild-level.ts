import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkTarget, type CommandTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { inventoryAdjustedEvent } from '../levels/level-events.ts'
import { quantityNames } from '../levels/quantities.ts'
import { rebuild } from './verify-levels.ts'

/** Puts a level that differs from its ledger back to what the ledger adds up to. */
export async function rebuildLevel(
  { models, events, now }: InventoryContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<string> {
  const level = checkTarget('level', (await models.levels.byIds([input.id], session))[0], input)
  // Entries are never changed, so that they need not be read in the transaction.
  const { quantities, version } = await rebuild(models.ledger, level._id)
  if (version === 0 || quantityNames.some((name) => quantities[name] < 0)) {
    const message = 'The ledger of this level is not whole: it has no entries or adds up to less than nothing.'
    throw refuse('LEDGER_INCOMPLETE', ['input', 'id'], message)
  }
  const same = version === level.version && quantityNames.every((name) => quantities[name] === level[name])
  if (same) return level._id
  const after = { ...level, ...quantities, version, updatedAt: now() }
  changedInside(await models.levels.update(session, [{ before: level, after }]), level._id)
  const { skuId, locationId } = level
  const delta = quantities.available - level.available
  const { available } = quantities
  const change = { levelId: level._id, skuId, locationId, reason: 'REBUILD', delta, available } as const
  await events.append(session, inventoryAdjustedEvent(change))
  return level._id
}
