import type { ClientSession } from 'mongoose'
import { MutationRefused, refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import type { LocationStatus } from './location-model.ts'
import { checkLocation } from './location-rules.ts'

export interface ChangeLocationInput extends CommandTarget {
  readonly name?: string | null
  readonly city?: string | null
  readonly timeZone?: string | null
  readonly status?: LocationStatus | null
}

/** Changes what a warehouse is called, or closes or opens it. */
export async function changeLocation(
  { models, events }: InventoryContext,
  input: ChangeLocationInput,
  session: ClientSession,
): Promise<string> {
  const { id, name, city, timeZone, status } = input
  const errors = checkLocation({ name, city, timeZone })
  if (errors.length > 0) throw new MutationRefused(errors)
  const location = checkTarget('warehouse', (await models.locations.byIds([id], session))[0], input)
  if (status === 'CLOSED' && (await models.levels.holdsStock(id, session))) {
    const message = 'There is stock at this warehouse; transfer it or write it off before closing.'
    throw refuse('LOCATION_NOT_EMPTY', ['input', 'status'], message)
  }
  if (status === 'CLOSED' && (await models.shipments.isExpectedAt(id, session))) {
    const message = 'Goods are on their way to this warehouse; receive or cancel its shipments before closing.'
    throw refuse('SHIPMENTS_EXPECTED', ['input', 'status'], message)
  }
  if (status && status !== location.status) await models.levels.markClosed(id, status === 'CLOSED', session)
  const fields = Object.entries({ name, city, timeZone, status }).filter(([, value]) => typeof value === 'string')
  changedInside(await models.locations.change(session, location, Object.fromEntries(fields)), id)
  await events.append(session, {
    type: 'location.changed',
    subject: id,
    audience: [],
    data: { code: location.code, status: status ?? location.status },
  })
  return id
}
