import type { Connection } from 'mongoose'
import { demoApps } from '../demo-world/apps.ts'
import { daysBefore, wholeBetween } from '../demo-world/deterministic.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import { demoProducts } from '../demo-world/products.ts'
import { createCatalogModels } from './catalog-models.ts'
import { type Product, productWords } from './goods/product-model.ts'
import { type Sku, skuWords } from './goods/sku-model.ts'
import { seedEntitlements } from './seed-entitlements.ts'
import { seedMarketplace } from './seed-marketplace.ts'
import { seedPrices } from './seed-prices.ts'

/** Thousands of documents of our own making: mongoose need not build and validate one object each. */
const asTheyAre = { lean: true } as const

/** Fills the empty catalog collections with the demo's goods, entitlements, prices and marketplace. */
export async function seedCatalog(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const models = createCatalogModels({ connection, now })
  const goods = demoProducts.map((product) => goodsOf(product, now()))
  await models.products.model.insertMany(
    goods.map(({ product }) => product),
    asTheyAre,
  )
  await models.skus.model.insertMany(
    goods.flatMap(({ skus }) => skus),
    asTheyAre,
  )
  await models.apps.model.insertMany(
    demoApps.map(({ id, organization }) => ({
      _id: id,
      organizationId: demoOrganization(organization).id,
      revoked: false,
    })),
    asTheyAre,
  )
  await seedEntitlements(models)
  await seedPrices(models)
  await seedMarketplace(models)
}

function goodsOf(demo: (typeof demoProducts)[number], now: Date): { product: Product; skus: Sku[] } {
  const { id, slug, name, family, description, status } = demo
  const createdAt = daysBefore(now, wholeBetween(`listed:${slug}`, 40, 900), slug)
  const dates = { version: 1, createdAt, updatedAt: createdAt }
  const product = { name, family, description, status, externalId: `PIM-${slug}` }
  return {
    product: { _id: id, ...product, words: productWords(product), ...dates },
    skus: demo.skus.map(
      ({ id: skuId, productId, code, name: skuName, gtin, pack, minimumOrderQuantity, leadTimeDays }): Sku => ({
        _id: skuId,
        productId,
        family,
        code,
        name: skuName,
        gtin,
        pack,
        minimumOrderQuantity,
        leadTimeDays,
        status,
        words: skuWords({ name: skuName, code, gtin }),
        ...dates,
      }),
    ),
  }
}
