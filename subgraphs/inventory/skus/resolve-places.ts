import type { ClientSession } from 'mongoose'
import type { ImportLine, ImportRefusal } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'

/** The SKU and warehouse of an imported line, or why it names none. */
export type ImportedPlace = { readonly skuId: string; readonly locationId: string } | ImportRefusal

/** True for a line that was refused. */
export function isImportRefusal(place: object): place is ImportRefusal {
  return 'code' in place
}

/**
 * The SKUs and open warehouses of imported lines, which name a SKU by `skuId` or `skuCode` and a warehouse by the code
 * in `location`. Three commands, however many lines there are.
 */
export async function resolvePlaces(
  models: InventoryModels,
  lines: readonly ImportLine[],
  session: ClientSession,
): Promise<ReadonlyMap<ImportLine, ImportedPlace>> {
  const textsOf = (column: string): string[] => [
    ...new Set(lines.flatMap(({ values }) => (typeof values[column] === 'string' ? values[column] : []))),
  ]
  const skusById = await models.skus.byIds(textsOf('skuId'), session)
  const codes = textsOf('skuCode')
  const skusByCode = codes.length === 0 ? [] : await models.skus.byCodes(codes, session)
  const locations = await models.locations.byCodes(textsOf('location'), session)
  const knownIds = new Set(skusById.map(({ _id }) => _id))
  const idOfCode = new Map(skusByCode.map(({ _id, code }) => [code, _id]))
  const locationOfCode = new Map(locations.map((location) => [location.code, location]))

  return new Map(
    lines.map((line): [ImportLine, ImportedPlace] => {
      const refuse = (column: string, code: string, message: string): ImportRefusal => ({
        line: line.number,
        column,
        code,
        message,
      })
      const { skuId, skuCode, location: locationCode } = line.values
      const location = typeof locationCode === 'string' ? locationOfCode.get(locationCode) : undefined
      if (!location) return [line, refuse('location', 'LOCATION_NOT_FOUND', 'There is no warehouse of this code.')]
      if (location.status !== 'OPEN') return [line, refuse('location', 'LOCATION_CLOSED', 'This warehouse is closed.')]
      if (typeof skuId === 'string') {
        if (knownIds.has(skuId)) return [line, { skuId, locationId: location._id }]
        return [line, refuse('skuId', 'SKU_NOT_FOUND', 'There is no SKU of this id in the range.')]
      }
      const found = typeof skuCode === 'string' ? idOfCode.get(skuCode) : undefined
      if (found !== undefined) return [line, { skuId: found, locationId: location._id }]
      const message =
        typeof skuCode === 'string' ? 'There is no SKU of this code in the range.' : 'Give skuId or skuCode.'
      return [line, refuse('skuCode', 'SKU_NOT_FOUND', message)]
    }),
  )
}
