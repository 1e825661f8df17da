import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { CatalogModels } from './models/catalog-models.ts'

/** The loaders of one request; prices are those of the caller's organization. */
export function createCatalogLoaders(models: CatalogModels, caller: Caller) {
  const priceListsOfOrganization = createLoader(
    (ids: readonly string[]) => models.priceLists.readByOrganizations(caller, ids),
    ({ organizationId }) => organizationId,
  )
  return {
    products: createLoader(
      (ids: readonly string[]) => models.products.readByIds(ids),
      ({ _id }) => _id,
    ),
    skus: createLoader(
      (ids: readonly string[]) => models.skus.readByIds(ids),
      ({ _id }) => _id,
    ),
    skusByCode: createLoader(
      (codes: readonly string[]) => models.skus.readByCodes(codes),
      ({ code }) => code,
    ),
    skusOfProduct: models.skus.createPages(),
    priceLists: createLoader(
      (ids: readonly string[]) => models.priceLists.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    priceListsOfOrganization,
    /** The prices of a SKU on the lists that apply to the caller's organization. */
    ownPricesOfSku: createGroupLoader(
      async (skuIds: readonly string[]) => {
        const own = await priceListsOfOrganization.load(caller.organizationId)
        return models.prices.readBySkus(skuIds, own?.lists.map(({ _id }) => _id) ?? [])
      },
      ({ skuId }) => skuId,
    ),
  }
}

export type CatalogLoaders = ReturnType<typeof createCatalogLoaders>
