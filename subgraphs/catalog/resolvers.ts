import type { ConnectionArgs } from '../../kit/connection.ts'
import { CodedError } from '../../kit/errors.ts'
import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { visibleOrganization } from '../../storage/visible-organization.ts'
import type { CatalogContext } from './catalog-context.ts'
import type { Product } from './models/products.ts'
import type { Sku } from './models/skus.ts'
import { type PriceArgs, readOwnPrice } from './own-price.ts'
import { type PriceList, isInForce } from './pricing.ts'

interface ById {
  readonly id: string
}

export const catalogResolvers: Resolvers<CatalogContext> = {
  ...moneyResolvers,
  Query: {
    products: (_: unknown, args: ConnectionArgs & { family?: string | null }, { models }: CatalogContext) =>
      models.products.readPage(args, boundedText('family', args.family ?? null)),
    product: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.products.load(id),
    skus: (_: unknown, args: ConnectionArgs & { productId?: string | null }, { models }: CatalogContext) =>
      models.skus.readPage(args, boundedText('productId', args.productId ?? null)),
    sku: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.skus.load(id),
    skuByCode: (_: unknown, { code }: { code: string }, { loaders }: CatalogContext) =>
      loaders.skusByCode.load(boundedText('code', code)),
  },
  Product: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.products.load(id),
    id: ({ _id }: Product) => _id,
    skus: ({ _id }: Product, args: ConnectionArgs, { loaders }: CatalogContext) => loaders.skusOfProduct(_id, args),
  },
  Sku: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.skus.load(id),
    id: ({ _id }: Sku) => _id,
    product: ({ productId }: Sku, _args: unknown, { loaders }: CatalogContext) => loaders.products.load(productId),
    price: ({ _id }: Sku, args: PriceArgs, context: CatalogContext) => readOwnPrice(context, _id, args),
  },
  PriceList: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.priceLists.load(id),
    id: ({ _id }: PriceList) => _id,
  },
  Organization: {
    __resolveReference: ({ id }: ById, { caller }: CatalogContext) => visibleOrganization(caller, id),
    priceLists: async ({ id }: ById, _args: unknown, { loaders, now }: CatalogContext) => {
      const found = await loaders.priceListsOfOrganization.load(id)
      return found?.lists.filter((list) => isInForce(list, now())) ?? null
    },
  },
}

/** Texts that are looked up are short; a longer one is a mistake or an attack. */
function boundedText<Text extends string | null>(argument: string, text: Text): Text {
  if (text !== null && text.length > 100) {
    throw new CodedError('BAD_USER_INPUT', `\`${argument}\` can have at most 100 characters.`, { argument })
  }
  return text
}
