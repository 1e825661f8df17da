import DataLoader from 'dataloader'
import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { CatalogModels } from './catalog-models.ts'
import { type Access, accessToEverything } from './entitlements/access.ts'

/** The loaders of one request. Goods are those that the caller has access to. */
export function createCatalogLoaders(models: CatalogModels, caller: Caller) {
  /** One moment for the whole request, so that all its prices are those of the same moment. */
  const startedAt = models.now()
  const organizations = createLoader(
    (ids: readonly string[]) => models.organizations.readByIds(ids),
    ({ _id }) => _id,
  )
  let ownAccess: Promise<Access> | undefined
  const readAccess = async (): Promise<Access> =>
    caller.operator
      ? accessToEverything
      : models.entitlements.accessOfOrganization(await organizations.load(caller.organizationId))
  const access = (): Promise<Access> => (ownAccess ??= readAccess())
  const priceListsOfOrganization = createLoader(
    async (ids: readonly string[]) =>
      models.priceLists.readByOrganizations(
        caller,
        await Promise.all(ids.map(async (id) => ({ organizationId: id, copy: await organizations.load(id) }))),
      ),
    ({ organizationId }) => organizationId,
  )
  const ownPriceLists = async () => (await priceListsOfOrganization.load(caller.organizationId))?.lists ?? []
  const pricesByQuestion = new Map<string, ReturnType<typeof createPriceLoader>>()
  const createPriceLoader = (organizationId: string, at: Date) =>
    createGroupLoader(
      async (skuIds: readonly string[]) => {
        const own = await priceListsOfOrganization.load(organizationId)
        return models.prices.readInForce(skuIds, { priceListIds: own?.lists.map(({ _id }) => _id) ?? [], at })
      },
      ({ skuId }) => skuId,
    )
  return {
    startedAt,
    access,
    /** What an organization may do with which goods; the operator's own organization may do everything. */
    accessOfOrganization: new DataLoader<string, Access>((ids) =>
      Promise.all(
        ids.map(async (id) =>
          id === caller.organizationId
            ? access()
            : models.entitlements.accessOfOrganization(await organizations.load(id)),
        ),
      ),
    ),
    organizations,
    entitlements: createLoader(
      (ids: readonly string[]) => models.entitlements.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    products: createLoader(
      async (ids: readonly string[]) => models.products.readByIds(await access(), ids),
      ({ _id }) => _id,
    ),
    skus: createLoader(
      async (ids: readonly string[]) => models.skus.readByIds(await access(), ids),
      ({ _id }) => _id,
    ),
    skusByCode: createLoader(
      async (codes: readonly string[]) => models.skus.readByCodes(await access(), codes),
      ({ code }) => code,
    ),
    skusOfProduct: models.skus.createPages(),
    priceLists: createLoader(
      (ids: readonly string[]) => models.priceLists.readByIds(caller, ids, ownPriceLists),
      ({ _id }) => _id,
    ),
    priceListsOfOrganization,
    assignmentsOfPriceList: createGroupLoader(
      (ids: readonly string[]) => models.priceLists.readAssignments(ids),
      ({ priceListId }) => priceListId,
    ),
    pricesOfPriceList: models.prices.createPages(),
    /** The prices of SKUs on the lists that apply to an organization, at a moment. */
    pricesOfSku(organizationId: string, at: Date): ReturnType<typeof createPriceLoader> {
      const question = `${organizationId} ${at.getTime()}`
      const known = pricesByQuestion.get(question) ?? createPriceLoader(organizationId, at)
      pricesByQuestion.set(question, known)
      return known
    },
    listings: createLoader(
      (ids: readonly string[]) => models.listings.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    listingsOfOrganization: models.listings.createPages(caller),
    installations: createLoader(
      (ids: readonly string[]) => models.installations.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    liveInstallationOfListing: createLoader(
      (listingIds: readonly string[]) => models.installations.readLive(caller, listingIds),
      ({ listingId }) => listingId,
    ),
    reviews: createLoader(
      (ids: readonly string[]) => models.reviews.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    reviewsOfListing: models.reviews.createPages(caller),
  }
}

export type CatalogLoaders = ReturnType<typeof createCatalogLoaders>
