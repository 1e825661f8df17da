import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { skuEvent } from '../catalog-events.ts'
import { checkInput, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { checkGtin, checkPack, leadTimes, orderQuantities, refuseDuplicate } from './sku-input.ts'
import { type Pack, type Sku, skuWords } from './sku-model.ts'

export interface CreateSkuInput {
  readonly productId: string
  readonly code: string
  readonly name: string
  readonly gtin: string
  readonly pack: Pack
  readonly minimumOrderQuantity?: number | null
  readonly leadTimeDays: number
}

/** A product has no more SKUs than one transaction can change with it. */
export const mostSkusPerProduct = 250

/** What a code of a SKU looks like. */
export const skuCodePattern = /^[\p{L}\p{N}._/-]{1,60}$/u

/** Adds a variant to a product. */
export async function createSku(
  { caller, models, events, now }: CatalogContext,
  input: CreateSkuInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const fields = checkSku(input)
  const product = await models.products.byId(session, input.productId)
  if (!product) throw notFound('product', 'productId')
  if (product.status !== 'ACTIVE') {
    throw refuse('PRODUCT_DISCONTINUED', ['input', 'productId'], 'The product is discontinued and gets no new SKUs.')
  }
  if ((await models.skus.ofProduct(session, product._id)).length >= mostSkusPerProduct) {
    throw refuse('TOO_MANY_SKUS', ['input', 'productId'], `A product has at most ${mostSkusPerProduct} SKUs.`)
  }
  const at = now()
  // The product is written too, so that it cannot change its family or end while the SKU is being added.
  await models.products.change(session, product, { updatedAt: at })
  const sku: Sku = {
    _id: createId('Sku'),
    productId: product._id,
    family: product.family,
    ...fields,
    status: 'ACTIVE',
    words: skuWords(fields),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  await models.skus.insert(session, sku).catch(refuseDuplicate)
  await events.append(session, skuEvent('created', sku))
  return sku._id
}

function checkSku(input: CreateSkuInput) {
  const check = checkInput()
  const code = check.text('code', input.code, [1, 60])
  if (!skuCodePattern.test(code)) {
    check.fail('code', 'Use letters, digits, dots, dashes, slashes and underscores only.')
  }
  const fields = {
    code,
    name: check.text('name', input.name, [1, 200]),
    gtin: checkGtin(check, input.gtin),
    pack: checkPack(check, input.pack),
    minimumOrderQuantity: check.whole('minimumOrderQuantity', input.minimumOrderQuantity ?? 1, orderQuantities),
    leadTimeDays: check.whole('leadTimeDays', input.leadTimeDays, leadTimes),
  }
  check.done()
  return fields
}
