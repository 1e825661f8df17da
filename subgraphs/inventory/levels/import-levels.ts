import type { ImportColumn, ImportRefusal, Importer } from '../../../kit/background.ts'
import type { InventoryModels } from '../models.ts'
import { isImportRefusal, resolvePlaces } from '../skus/resolve-places.ts'
import { openStock } from '../stock/open-stock.ts'
import { levelId } from './level-model.ts'
import { checkCount, isRefusal, planCount } from './level-rules.ts'

const columns: readonly ImportColumn[] = [
  { name: 'skuId', description: "The SKU's id; or give skuCode.", required: false, type: 'text' },
  { name: 'skuCode', description: "The SKU's code; or give skuId.", required: false, type: 'text' },
  { name: 'location', description: 'The code of the warehouse.', required: true, type: 'text' },
  {
    name: 'onHand',
    description: 'Units that are physically there, committed, reserved and unsaleable ones included.',
    required: true,
    type: 'integer',
  },
]

/** Counted stock: each line makes on hand what it says, and one that says nothing new writes nothing. */
export const importLevels: Importer<InventoryModels> = {
  kind: 'inventory-levels',
  description: 'The counted stock of one SKU at one warehouse; the difference goes to available.',
  scope: 'inventory:write',
  columns,
  async apply(context, lines, session) {
    const places = await resolvePlaces(context.models, lines, session)
    const levelIds = [...places.values()].flatMap((place) =>
      isImportRefusal(place) ? [] : levelId(place.skuId, place.locationId),
    )
    const stock = await openStock(context, session, { levelIds })
    const cause = { reason: 'CORRECTION', actor: context.caller } as const
    const refusals: ImportRefusal[] = []
    for (const [line, place] of places) {
      if (isImportRefusal(place)) {
        refusals.push(place)
        continue
      }
      const onHand = Number(line.values['onHand'])
      const { skuId, locationId } = place
      const known = stock.level(levelId(skuId, locationId))
      const level = known ?? stock.begin(skuId, locationId)
      const plan = checkCount(onHand) ?? planCount(level, onHand)
      if (isRefusal(plan)) refusals.push({ ...plan, line: line.number, column: plan.field })
      // A level that was begun a moment ago has its first entry even where nothing is there.
      else if (plan.available !== 0 || level.version === 0) stock.change(level._id, plan, cause)
    }
    await stock.write()
    return refusals.map(({ line, column, code, message }) => ({ line, column, code, message }))
  },
}
