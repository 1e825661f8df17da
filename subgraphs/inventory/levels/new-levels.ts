import type { ClientSession } from 'mongoose'
import type { InventoryModels } from '../models.ts'
import { closedLocation } from './level-rules.ts'
import type { LineRefusal } from './line-errors.ts'

interface Place {
  readonly skuId: string
  readonly locationId: string
}

/** Tells which of some places may get a level: the SKU must be known and the warehouse open. Two commands at most. */
export async function createLevelOpener(
  models: InventoryModels,
  session: ClientSession,
  places: readonly Place[],
): Promise<{ refusal(place: Place): LineRefusal | undefined }> {
  const skuIds = [...new Set(places.map(({ skuId }) => skuId))]
  const locationIds = [...new Set(places.map(({ locationId }) => locationId))]
  const skus = skuIds.length === 0 ? [] : await models.skus.byIds(skuIds, session)
  const locations = locationIds.length === 0 ? [] : await models.locations.byIds(locationIds, session)
  const known = new Set(skus.map(({ _id }) => _id))
  const open = new Map(locations.map(({ _id, status }) => [_id, status === 'OPEN']))
  return {
    refusal({ skuId, locationId }) {
      const isOpen = open.get(locationId)
      if (isOpen === undefined) return unknownLocation
      if (!isOpen) return closedLocation
      return known.has(skuId) ? undefined : unknownSku
    },
  }
}

const unknownLocation: LineRefusal = {
  code: 'LOCATION_NOT_FOUND',
  field: 'locationId',
  message: 'There is no such warehouse.',
}
const unknownSku: LineRefusal = {
  code: 'SKU_NOT_FOUND',
  field: 'skuId',
  message: 'This SKU is not in the range; check its id.',
}
