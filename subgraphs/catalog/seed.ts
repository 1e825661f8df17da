import type { Connection } from 'mongoose'
import { seededId } from '../../kit/ids.ts'
import { daysBefore } from '../demo-world/deterministic.ts'
import { demoOrganization, demoOrganizations } from '../demo-world/organizations.ts'
import { type DemoSku, demoProducts, demoSkus } from '../demo-world/products.ts'
import { createCatalogModels } from './models/catalog-models.ts'
import type { PriceList, SkuPrice } from './pricing.ts'

/** A price list of the demo: a share of the default prices, for all families or for some. */
interface DemoPriceList extends Pick<PriceList, 'name' | 'reach'> {
  readonly slug: string
  readonly share: number
  readonly families: readonly string[] | null
  readonly validFromDaysAgo: number
  readonly validForDays: number | null
}

const lists: readonly DemoPriceList[] = [
  {
    slug: 'default',
    name: 'List prices',
    reach: 'DEFAULT',
    share: 1,
    families: null,
    validFromDaysAgo: 320,
    validForDays: null,
  },
  {
    slug: 'silver',
    name: 'Silver partner prices',
    reach: 'TIER',
    share: 0.94,
    families: null,
    validFromDaysAgo: 320,
    validForDays: null,
  },
  {
    slug: 'gold',
    name: 'Gold partner prices',
    reach: 'TIER',
    share: 0.89,
    families: null,
    validFromDaysAgo: 320,
    validForDays: null,
  },
  {
    slug: 'northwind',
    name: 'Northwind workplace contract',
    reach: 'ORGANIZATION',
    share: 0.84,
    families: ['Notebooks', 'Monitors', 'Docking'],
    validFromDaysAgo: 140,
    validForDays: 730,
  },
]

/** From 10 packs on 3 % less, from 50 on 7 %. */
const quantityBreaks = [
  [1, 1],
  [10, 0.97],
  [50, 0.93],
] as const

/** Thousands of documents of our own making: mongoose need not build and validate one object each. */
const asTheyAre = { lean: true } as const

/** Fills the empty catalog collections with the demo's products, SKUs and price lists. */
export async function seedCatalog(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const models = createCatalogModels({ connection, now })
  await models.products.model.insertMany(
    demoProducts.map(({ id, name, family, description, status }) => ({ _id: id, name, family, description, status })),
    asTheyAre,
  )
  await models.skus.model.insertMany(
    demoSkus.map(({ id, productId, code, name, gtin, pack, minimumOrderQuantity, leadTimeDays }) => ({
      _id: id,
      productId,
      code,
      name,
      gtin,
      pack,
      minimumOrderQuantity,
      leadTimeDays,
    })),
    asTheyAre,
  )
  await models.priceLists.model.insertMany(lists.map((list) => toPriceList(list, now())))
  await models.priceLists.assignments.insertMany(
    demoOrganizations.flatMap(({ slug, id, tier }) => {
      const own = slug === 'northwind' ? ['northwind'] : []
      const byTier = tier === 'gold' || tier === 'silver' ? [tier] : []
      return [...own, ...byTier].map((list) => ({
        _id: `${id}:${list}`,
        organizationId: demoOrganization(slug).id,
        priceListId: seededId('PriceList', list),
      }))
    }),
  )
  await models.prices.model.insertMany(lists.flatMap(pricesOf), asTheyAre)
}

function toPriceList({ slug, name, reach, validFromDaysAgo, validForDays }: DemoPriceList, now: Date): PriceList {
  const validFrom = daysBefore(now, validFromDaysAgo, slug)
  validFrom.setUTCHours(0, 0, 0, 0)
  const validTo = validForDays === null ? null : new Date(validFrom.getTime() + validForDays * 24 * 60 * 60 * 1000)
  return { _id: seededId('PriceList', slug), name, reach, currencyCode: 'EUR', validFrom, validTo }
}

function pricesOf({ slug, share, families }: DemoPriceList): SkuPrice[] {
  const priceListId = seededId('PriceList', slug)
  const skus: readonly DemoSku[] =
    families === null
      ? demoSkus
      : demoProducts.flatMap((product) => (families.includes(product.family) ? product.skus : []))
  return skus.map(({ id, code, listPriceMinorUnits }) => ({
    _id: `${slug}:${code}`,
    priceListId,
    skuId: id,
    breaks: quantityBreaks.map(([minimumQuantity, factor]) => ({
      minimumQuantity,
      unitPrice: { minorUnits: Math.round(listPriceMinorUnits * share * factor), currencyCode: 'EUR' },
    })),
  }))
}
