import type { ClientSession } from 'mongoose'
import type { CatalogContext } from '../catalog-context.ts'
import { priceListEvent } from '../catalog-events.ts'
import { type PricedSkus, bySku, checkPricedSkus, listToPrice } from './list-to-price.ts'
import { readBreaks } from './price-breaks.ts'
import type { PriceBreak, PriceList } from './price-list.ts'
import { beginPrice } from './price-sequence.ts'

export interface SetPricesInput extends PricedSkus {
  readonly prices: readonly {
    readonly skuId: string
    readonly breaks: readonly { readonly minimumQuantity: number; readonly unitPrice: string }[]
  }[]
}

/** Sets prices from a moment on: all of them or none. */
export async function setPrices(
  context: CatalogContext,
  input: SetPricesInput,
  session: ClientSession,
): Promise<string> {
  const list = await listToPrice(context, input, session)
  const now = context.now()
  const validFrom = input.validFrom ?? now
  const skuIds = input.prices.map(({ skuId }) => skuId)
  const check = checkPricedSkus({ skuIds, validFrom, now }, 'prices')
  check.done()
  const known = await context.models.skus.knownIds(session, skuIds)
  const wanted = input.prices.map(({ skuId, breaks }, place) => {
    if (!known.has(skuId)) check.fail(`prices.${place}.skuId`, 'There is no such SKU.', 'UNKNOWN_SKU')
    const read = readBreaks(breaks, list.currencyCode)
    if ('code' in read) check.fail(`prices.${place}.breaks`, read.message, read.code)
    return { skuId, breaks: 'code' in read ? [] : read }
  })
  check.done()
  await beginPrices(context, { list, wanted, validFrom }, session)
  return list._id
}

export interface WithdrawPricesInput extends PricedSkus {
  readonly skuIds: readonly string[]
}

/** Ends prices at a moment. */
export async function withdrawPrices(
  context: CatalogContext,
  input: WithdrawPricesInput,
  session: ClientSession,
): Promise<string> {
  const list = await listToPrice(context, input, session)
  const now = context.now()
  const validFrom = input.validFrom ?? now
  checkPricedSkus({ skuIds: input.skuIds, validFrom, now }, 'skuIds').done()
  await beginPrices(context, { list, wanted: input.skuIds.map((skuId) => ({ skuId, breaks: [] })), validFrom }, session)
  return list._id
}

async function beginPrices(
  { models, events, now }: CatalogContext,
  change: {
    readonly list: PriceList
    readonly wanted: readonly { readonly skuId: string; readonly breaks: readonly PriceBreak[] }[]
    readonly validFrom: Date
  },
  session: ClientSession,
): Promise<void> {
  const { list, wanted, validFrom } = change
  const pairs = { priceListIds: [list._id], skuIds: wanted.map(({ skuId }) => skuId) }
  const sequences = bySku(await models.prices.readSequences(session, pairs, validFrom))
  const put = wanted.flatMap(
    ({ skuId, breaks }) =>
      beginPrice(sequences.get(skuId) ?? [], { priceListId: list._id, skuId, beginsAt: validFrom, breaks }).put,
  )
  // The list first: a change of its prices that runs at the same time conflicts here, before prices can collide.
  const changed = await models.priceLists.change(session, list, { updatedAt: now() })
  await models.prices.write(session, put)
  await events.append(session, priceListEvent('changed', changed, 'prices'))
}
