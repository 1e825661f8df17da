import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { MutationRefused, isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { checkLocation } from './location-rules.ts'

export interface CreateLocationInput {
  readonly code: string
  readonly name: string
  readonly country: string
  readonly city: string
  readonly timeZone: string
}

/** Opens a warehouse. */
export async function createLocation(
  { models, events }: InventoryContext,
  { code, name, country, city, timeZone }: CreateLocationInput,
  session: ClientSession,
): Promise<string> {
  const location = { code, name, country, city, timeZone }
  const errors = checkLocation(location)
  if (errors.length > 0) throw new MutationRefused(errors)
  const _id = createId('Location')
  try {
    await models.locations.insert([{ _id, ...location }], session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('DUPLICATE_CODE', ['input', 'code'], `Another warehouse has the code ${code}; choose a new one.`)
  }
  await events.append(session, { type: 'location.opened', subject: _id, audience: [], data: { code, country } })
  return _id
}
