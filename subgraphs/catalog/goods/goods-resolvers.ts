import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { boundedText } from '../bounded-text.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { commandResolver } from '../command.ts'
import { allowedActions } from '../entitlements/access.ts'
import { changeProduct } from './change-product.ts'
import { changeSku } from './change-sku.ts'
import { createProduct } from './create-product.ts'
import { type CreateSkuInput, createSku } from './create-sku.ts'
import { discontinueProduct } from './discontinue-product.ts'
import { discontinueSku } from './discontinue-sku.ts'
import type { GoodsStatus } from './goods-status.ts'
import { normalGtin } from './gtin.ts'
import type { Product } from './product-model.ts'
import type { Sku } from './sku-model.ts'

interface ById {
  readonly id: string
}

interface ProductArgs extends ConnectionArgs {
  readonly family?: string | null
  readonly status?: GoodsStatus | null
  readonly search?: string | null
}

interface SkuArgs extends ProductArgs {
  readonly productId?: string | null
  readonly gtin?: string | null
}

const productPayload = {
  entity: 'product',
  load: ({ loaders }: CatalogContext, id: string) => loaders.products.load(id),
}

const skuPayload = { entity: 'sku', load: ({ loaders }: CatalogContext, id: string) => loaders.skus.load(id) }

export const goodsResolvers: Resolvers<CatalogContext> = {
  Query: {
    products: async (_: unknown, args: ProductArgs, { models, loaders }: CatalogContext) =>
      models.products.readPage(await loaders.access(), args, {
        family: boundedText('family', args.family),
        status: args.status ?? null,
        search: boundedText('search', args.search),
      }),
    product: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.products.load(id),
    skus: async (_: unknown, args: SkuArgs, { models, loaders }: CatalogContext) => {
      const gtin = boundedText('gtin', args.gtin)
      return models.skus.readPage(await loaders.access(), args, {
        productId: boundedText('productId', args.productId),
        family: boundedText('family', args.family),
        status: args.status ?? null,
        // What is no GTIN is no SKU's either.
        gtin: gtin === null ? null : (normalGtin(gtin) ?? gtin),
        search: boundedText('search', args.search),
      })
    },
    sku: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.skus.load(id),
    skuByCode: (_: unknown, { code }: { code: string }, { loaders }: CatalogContext) =>
      loaders.skusByCode.load(boundedText('code', code) ?? ''),
  },
  Mutation: {
    createProduct: commandResolver('createProduct', createProduct, productPayload),
    changeProduct: commandResolver('changeProduct', changeProduct, productPayload),
    discontinueProduct: commandResolver('discontinueProduct', discontinueProduct, productPayload),
    createSku: commandResolver('createSku', createSku, {
      ...skuPayload,
      contended: ({ productId }: CreateSkuInput) => [productId],
    }),
    changeSku: commandResolver('changeSku', changeSku, skuPayload),
    discontinueSku: commandResolver('discontinueSku', discontinueSku, skuPayload),
  },
  Product: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.products.load(id),
    id: ({ _id }: Product) => _id,
    entitledTo: async ({ _id, family }: Product, _args: unknown, { loaders }: CatalogContext) =>
      allowedActions(await loaders.access(), { productId: _id, family }),
    skus: ({ _id }: Product, args: ConnectionArgs, { loaders }: CatalogContext) => loaders.skusOfProduct(_id, args),
  },
  Sku: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.skus.load(id),
    id: ({ _id }: Sku) => _id,
    product: ({ productId }: Sku, _args: unknown, { loaders }: CatalogContext) => loaders.products.load(productId),
  },
}
