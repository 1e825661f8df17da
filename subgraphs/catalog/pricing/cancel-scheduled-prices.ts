import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { priceListEvent } from '../catalog-events.ts'
import { bySku, checkPricedSkus, listToPrice } from './list-to-price.ts'
import { cancelPrice } from './price-sequence.ts'
import type { WithdrawPricesInput } from './set-prices.ts'

/** Takes back changes that were scheduled for one moment; the prices before them go on. */
export async function cancelScheduledPrices(
  context: CatalogContext,
  input: WithdrawPricesInput,
  session: ClientSession,
): Promise<string> {
  const { models, events } = context
  const list = await listToPrice(context, input, session)
  const now = context.now()
  const { skuIds, validFrom } = input
  if (!validFrom) throw refuse('INVALID_INPUT', ['input', 'validFrom'], 'Give the moment that was scheduled.')
  checkPricedSkus({ skuIds, validFrom, now }, 'skuIds').done()
  // From now on, so that the price before is among them.
  const sequences = bySku(await models.prices.readSequences(session, { priceListIds: [list._id], skuIds }, now))
  const changes = skuIds.map((skuId, place) => {
    const change = cancelPrice(sequences.get(skuId) ?? [], validFrom)
    if (change) return change
    throw refuse('NO_SUCH_PRICE', ['input', 'skuIds', String(place)], 'No change of this SKU begins at that moment.')
  })
  const put = changes.flatMap((change) => change.put)
  const drop = changes.flatMap((change) => change.drop)
  const changed = await models.priceLists.change(session, list, { updatedAt: now })
  await models.prices.write(session, put, drop)
  await events.append(session, priceListEvent('changed', changed, 'prices'))
  return list._id
}
