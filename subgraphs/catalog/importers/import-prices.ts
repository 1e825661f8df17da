import type { ImportLine, Importer } from '../../../kit/background.ts'
import type { CatalogModels } from '../catalog-models.ts'
import { priceListEvent } from '../catalog-events.ts'
import { readBreaks } from '../pricing/price-breaks.ts'
import type { PriceBreak, PriceList, SkuPrice } from '../pricing/price-list.ts'
import { beginPrice } from '../pricing/price-sequence.ts'
import { collectRefusals, operatorOnly, textOf } from './import-line.ts'

/** Prices by list, SKU and moment. A feed may load history, so a moment in the past is taken here. */
export const importPrices: Importer<CatalogModels> = {
  kind: 'prices',
  description: 'The price of one SKU on one list from a moment on; it replaces the one that begins at the same moment.',
  scope: 'pricing:write',
  columns: [
    { name: 'priceList', description: "The list's external id or id.", required: true, type: 'text' },
    { name: 'skuCode', description: "The SKU's code.", required: true, type: 'text' },
    {
      name: 'prices',
      description: 'One amount, 19.90, or several from quantities on, 1=19.90; 10=18.50. Empty withdraws the SKU.',
      required: false,
      type: 'text',
    },
    { name: 'validFrom', description: 'From when on; now where it is left out.', required: false, type: 'moment' },
  ],
  async apply({ models, events, caller, now }, lines, session) {
    const refusals = collectRefusals()
    const at = now()
    const allowed = lines.filter((line) => {
      if (!caller.operator) refusals.refuse(line, operatorOnly)
      return caller.operator
    })
    const named = distinct(allowed, 'priceList')
    const lists = await models.priceLists.byIdsOrExternalIds(session, named)
    const listByName = new Map(
      lists.flatMap((list) => [
        [list._id, list] as const,
        ...(list.externalId ? [[list.externalId, list] as const] : []),
      ]),
    )
    const skuIds = await models.skus.idsByCode(session, distinct(allowed, 'skuCode'))
    const wanted = allowed.flatMap((line) => {
      const list = listByName.get(textOf(line, 'priceList') ?? '')
      const skuId = skuIds.get(textOf(line, 'skuCode') ?? '')
      const breaks = list ? breaksOf(line, list) : []
      if (list && skuId !== undefined && !('code' in breaks)) {
        const validFrom = line.values['validFrom']
        return [{ list, skuId, breaks, beginsAt: validFrom instanceof Date ? validFrom : at }]
      }
      const problem = !list
        ? { column: 'priceList', code: 'UNKNOWN_PRICE_LIST', message: 'There is no such price list.' }
        : skuId === undefined
          ? { column: 'skuCode', code: 'UNKNOWN_SKU', message: 'No SKU has this code.' }
          : { column: 'prices', ...('code' in breaks ? breaks : { code: 'INVALID_INPUT', message: 'Not a price.' }) }
      refusals.refuse(line, problem)
      return []
    })
    if (wanted.length === 0) return refusals.list
    const earliest = wanted.reduce((first, { beginsAt }) => (beginsAt < first ? beginsAt : first), at)
    const pairs = {
      priceListIds: [...new Set(wanted.map(({ list }) => list._id))],
      skuIds: [...new Set(wanted.map(({ skuId }) => skuId))],
    }
    const sequences = new Map<string, SkuPrice[]>()
    const sequenceOf = (key: string): SkuPrice[] => sequences.get(key) ?? []
    for (const price of await models.prices.readSequences(session, pairs, new Date(earliest.getTime() - 1))) {
      const key = `${price.priceListId} ${price.skuId}`
      sequences.set(key, [...sequenceOf(key), price])
    }
    const put = new Map<string, SkuPrice>()
    const changedLists = new Set<PriceList>()
    for (const { list, skuId, breaks, beginsAt } of wanted) {
      const key = `${list._id} ${skuId}`
      for (const price of beginPrice(sequenceOf(key), { priceListId: list._id, skuId, beginsAt, breaks }).put) {
        put.set(`${key} ${price.beginsAt.toISOString()}`, price)
        // Later lines of the batch go on from here.
        const others = sequenceOf(key).filter((other) => other.beginsAt.getTime() !== price.beginsAt.getTime())
        sequences.set(key, [...others, price])
        changedLists.add(list)
      }
    }
    // The lists first: whoever changes prices of one of them at the same time conflicts here.
    const touched = await models.priceLists.touch(session, [...changedLists], at)
    await models.prices.write(session, [...put.values()])
    if (touched.length > 0) {
      await events.append(session, ...touched.map((list) => priceListEvent('changed', list, 'prices')))
    }
    return refusals.list
  },
}

function distinct(lines: readonly ImportLine[], column: string): string[] {
  return [...new Set(lines.map((line) => textOf(line, column) ?? ''))]
}

/** The breaks that a line names, or what is wrong with them. */
function breaksOf(line: ImportLine, { currencyCode }: PriceList): ReturnType<typeof readBreaks> {
  const text = textOf(line, 'prices')
  if (text === null) return [] as readonly PriceBreak[]
  const parts = text.split(';').map((part) => part.trim())
  return readBreaks(
    parts.map((part) => {
      const [quantity = '', amount] = part.split('=').map((side) => side.trim())
      if (amount === undefined) return { minimumQuantity: 1, unitPrice: quantity }
      return { minimumQuantity: /^\d{1,7}$/.test(quantity) ? Number(quantity) : 0, unitPrice: amount }
    }),
    currencyCode,
  )
}
