import { seededId } from '../../kit/ids.ts'
import { daysBefore } from '../demo-world/deterministic.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import { type DemoSku, demoProducts } from '../demo-world/products.ts'
import type { CatalogModels } from './catalog-models.ts'
import { type Grantee, granteeKey } from './entitlements/entitlement.ts'
import { type PriceBreak, type PriceList, type SkuPrice, endOfTime } from './pricing/price-list.ts'
import { priceListWords } from './pricing/price-list-model.ts'
import { priceId } from './pricing/price-sequence.ts'

/** A price list of the demo: a share of the default prices, for all families or for some. */
interface DemoPriceList extends Pick<PriceList, 'name' | 'reach' | 'currencyCode'> {
  readonly slug: string
  readonly share: number
  readonly families: readonly string[] | null
  readonly validFromDaysAgo: number
  readonly validForDays: number | null
  readonly assignedTo: Grantee | null
}

const nobody = { organizationId: null, tierId: null, territory: null } as const
const always = { currencyCode: 'EUR', families: null, validFromDaysAgo: 320, validForDays: null } as const
const tier = (slug: string): Grantee => ({ ...nobody, tierId: seededId('PartnerTier', slug) })

const lists: readonly DemoPriceList[] = [
  { ...always, slug: 'default', name: 'List prices', reach: 'DEFAULT', share: 1, assignedTo: null },
  { ...always, slug: 'silver', name: 'Silver partner prices', reach: 'TIER', share: 0.94, assignedTo: tier('silver') },
  { ...always, slug: 'gold', name: 'Gold partner prices', reach: 'TIER', share: 0.89, assignedTo: tier('gold') },
  {
    ...always,
    slug: 'uki',
    name: 'List prices United Kingdom and Ireland',
    reach: 'TERRITORY',
    currencyCode: 'GBP',
    share: 0.87,
    assignedTo: { ...nobody, territory: 'UKI' },
  },
  {
    ...always,
    slug: 'northwind',
    name: 'Northwind workplace contract',
    reach: 'ORGANIZATION',
    share: 0.84,
    families: ['Notebooks', 'Monitors', 'Docking'],
    validFromDaysAgo: 140,
    validForDays: 730,
    assignedTo: { ...nobody, organizationId: demoOrganization('northwind').id },
  },
]

/** From 10 packs on 3 % less, from 50 on 7 %. */
const quantityBreaks = [
  [1, 1],
  [10, 0.97],
  [50, 0.93],
] as const

/** The default list's notebooks become dearer by 4 % in so many days. */
const scheduled = { list: 'default', family: 'Notebooks', inDays: 45, factor: 1.04 } as const

const dayMs = 24 * 60 * 60 * 1000
const asTheyAre = { lean: true } as const

/** Writes the demo's price lists, to whom they apply, and their prices with one change to come. */
export async function seedPrices({ priceLists, prices, now }: CatalogModels): Promise<void> {
  const made = lists.map((list) => ({ demo: list, list: toPriceList(list, now()) }))
  await priceLists.model.insertMany(
    made.map(({ list }) => list),
    asTheyAre,
  )
  await priceLists.assignments.insertMany(
    made.flatMap(({ demo: { assignedTo }, list: { _id } }) => {
      if (assignedTo === null) return []
      const target = granteeKey(assignedTo)
      return [{ _id: `${_id}:${target}`, priceListId: _id, ...assignedTo, target }]
    }),
    asTheyAre,
  )
  await prices.model.insertMany(
    made.flatMap(({ demo, list }) => pricesOf(demo, list, now())),
    asTheyAre,
  )
}

function toPriceList({ slug, name, reach, currencyCode, ...validity }: DemoPriceList, now: Date): PriceList {
  const { validFromDaysAgo, validForDays } = validity
  const validFrom = startOfDay(daysBefore(now, validFromDaysAgo, slug))
  return {
    _id: seededId('PriceList', slug),
    name,
    reach,
    currencyCode,
    validFrom,
    validTo: validForDays === null ? null : new Date(validFrom.getTime() + validForDays * dayMs),
    externalId: `PL-${slug.toUpperCase()}`,
    words: priceListWords({ name, externalId: `PL-${slug.toUpperCase()}` }),
    version: 1,
    createdAt: validFrom,
    updatedAt: validFrom,
  }
}

function pricesOf({ slug, share, families }: DemoPriceList, list: PriceList, now: Date): SkuPrice[] {
  const changeAt = startOfDay(new Date(now.getTime() + scheduled.inDays * dayMs))
  return demoProducts.flatMap(({ family, skus }) => {
    if (families !== null && !families.includes(family)) return []
    const changes = slug === scheduled.list && family === scheduled.family
    return skus.flatMap((sku) => {
      const price = (beginsAt: Date, endsAt: Date, factor: number): SkuPrice => ({
        _id: priceId({ priceListId: list._id, skuId: sku.id, beginsAt }),
        priceListId: list._id,
        skuId: sku.id,
        beginsAt,
        endsAt,
        breaks: breaksOf(sku, share * factor, list.currencyCode),
      })
      if (!changes) return [price(list.validFrom, endOfTime, 1)]
      return [price(list.validFrom, changeAt, 1), price(changeAt, endOfTime, scheduled.factor)]
    })
  })
}

function breaksOf({ listPriceMinorUnits }: DemoSku, share: number, currencyCode: string): PriceBreak[] {
  return quantityBreaks.map(([minimumQuantity, factor]) => ({
    minimumQuantity,
    unitPrice: { minorUnits: Math.round(listPriceMinorUnits * share * factor), currencyCode },
  }))
}

function startOfDay(moment: Date): Date {
  const day = new Date(moment)
  day.setUTCHours(0, 0, 0, 0)
  return day
}
