import type { ConnectionArgs } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { visibleOrganization } from '../../../storage/visible-organization.ts'
import { boundedText } from '../bounded-text.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { commandResolver } from '../command.ts'
import type { Sku } from '../goods/sku-model.ts'
import { preferredCurrency } from '../organizations/organization-copy-model.ts'
import { requireOperator } from '../require-operator.ts'
import { type AssignPriceListInput, assignPriceList, unassignPriceList } from './assign-price-list.ts'
import { cancelScheduledPrices } from './cancel-scheduled-prices.ts'
import { type ChangePriceListInput, changePriceList } from './change-price-list.ts'
import { createPriceList } from './create-price-list.ts'
import { type PriceList, type PriceListReach, type SkuPrice, endOfTime, isInForce } from './price-list.ts'
import type { PriceListAssignment } from './price-list-model.ts'
import { type PriceArgs, quotePrice } from './quote-price.ts'
import { setPreferredCurrency } from './set-preferred-currency.ts'
import { type SetPricesInput, setPrices, withdrawPrices } from './set-prices.ts'

interface ById {
  readonly id: string
}

interface ListsArgs extends ConnectionArgs {
  readonly reach?: PriceListReach | null
  readonly search?: string | null
}

interface AskedPriceArgs extends PriceArgs {
  readonly sku: string
  readonly organizationId?: string | null
}

const payload = {
  entity: 'priceList',
  load: ({ loaders }: CatalogContext, id: string) => loaders.priceLists.load(id),
}

/** Every change of a list's prices or assignments writes the list, so calls about one list queue. */
const payloadOfContended = { ...payload, contended: ({ priceListId }: { priceListId: string }) => [priceListId] }

export const pricingResolvers: Resolvers<CatalogContext> = {
  Query: {
    price: async (_: unknown, { sku: id, organizationId, ...args }: AskedPriceArgs, context: CatalogContext) => {
      const { caller, loaders } = context
      const asked = organizationId ?? caller.organizationId
      if (asked !== caller.organizationId && !caller.operator) {
        const message = "Only the platform operator may ask for another organization's price."
        throw new CodedError('FORBIDDEN', message, { argument: 'organizationId' })
      }
      const sku = await loaders.skus.load(id)
      return sku && quotePrice(context, sku, { ...args, organizationId: asked })
    },
    priceLists: (_: unknown, { reach, search, ...args }: ListsArgs, { caller, models }: CatalogContext) => {
      requireOperator(caller)
      return models.priceLists.readPage(args, { reach: reach ?? null, search: boundedText('search', search) })
    },
    priceList: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.priceLists.load(id),
  },
  Mutation: {
    createPriceList: commandResolver('createPriceList', createPriceList, payload),
    changePriceList: commandResolver('changePriceList', changePriceList, {
      ...payload,
      contended: ({ id }: ChangePriceListInput) => [id],
    }),
    assignPriceList: commandResolver<AssignPriceListInput>('assignPriceList', assignPriceList, payloadOfContended),
    unassignPriceList: commandResolver<AssignPriceListInput>(
      'unassignPriceList',
      unassignPriceList,
      payloadOfContended,
    ),
    setPrices: commandResolver<SetPricesInput>('setPrices', setPrices, payloadOfContended),
    withdrawPrices: commandResolver('withdrawPrices', withdrawPrices, payloadOfContended),
    cancelScheduledPrices: commandResolver('cancelScheduledPrices', cancelScheduledPrices, payloadOfContended),
    setPreferredCurrency: commandResolver('setPreferredCurrency', setPreferredCurrency, {
      entity: 'organization',
      load: (_context: CatalogContext, id: string) => ({ id }),
    }),
  },
  Sku: {
    price: async (sku: Sku, args: PriceArgs, context: CatalogContext) => {
      const { price } = await quotePrice(context, sku, { ...args, organizationId: context.caller.organizationId })
      return price
    },
  },
  PriceList: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.priceLists.load(id),
    id: ({ _id }: PriceList) => _id,
    assignments: ({ _id }: PriceList, _args: unknown, { caller, loaders }: CatalogContext) => {
      requireOperator(caller)
      return loaders.assignmentsOfPriceList.load(_id)
    },
    prices: (
      { _id }: PriceList,
      { skuId, ...args }: ConnectionArgs & { skuId?: string | null },
      { caller, loaders }: CatalogContext,
    ) => {
      requireOperator(caller)
      const only = boundedText('skuId', skuId)
      return loaders.pricesOfPriceList(_id, args, only === null ? {} : { skuId: only })
    },
  },
  PriceListAssignment: {
    organization: ({ organizationId }: PriceListAssignment) =>
      organizationId === null ? null : { id: organizationId },
  },
  ListedPrice: {
    sku: ({ skuId }: SkuPrice, _args: unknown, { loaders }: CatalogContext) => loaders.skus.load(skuId),
    validFrom: ({ beginsAt }: SkuPrice) => beginsAt,
    validTo: ({ endsAt }: SkuPrice) => (endsAt < endOfTime ? endsAt : null),
  },
  Organization: {
    __resolveReference: ({ id }: ById, { caller }: CatalogContext) => visibleOrganization(caller, id),
    priceLists: async ({ id }: ById, _args: unknown, { loaders }: CatalogContext) => {
      const found = await loaders.priceListsOfOrganization.load(id)
      return found?.lists.filter((list) => isInForce(list, loaders.startedAt)) ?? null
    },
    preferredCurrency: async ({ id }: ById, _args: unknown, { caller, loaders }: CatalogContext) =>
      visibleOrganization(caller, id) && preferredCurrency(await loaders.organizations.load(id)),
  },
}
