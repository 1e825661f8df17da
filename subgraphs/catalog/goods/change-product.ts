import type { ClientSession } from 'mongoose'
import type { CatalogContext } from '../catalog-context.ts'
import { productEvent, skuEvent } from '../catalog-events.ts'
import { checkInput, expectVersion, given, givenOnly, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'

export interface ChangeProductInput {
  readonly id: string
  readonly name?: string | null
  readonly family?: string | null
  readonly description?: string | null
  readonly expectedVersion?: number | null
}

/** Changes a product; its SKUs follow into another family, because that decides who may view them. */
export async function changeProduct(
  { caller, models, events, now }: CatalogContext,
  input: ChangeProductInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const check = checkInput()
  const fields = givenOnly({
    name: given(input.name, (name) => check.text('name', name, [1, 200])),
    family: given(input.family, (family) => check.text('family', family, [1, 100])),
    description: given(input.description, (text) => check.text('description', text, [0, 2_000])),
  })
  check.done()
  const product = await models.products.byId(session, input.id)
  if (!product) throw notFound('product')
  expectVersion('product', product, input.expectedVersion)
  const updatedAt = now()
  const changed = await models.products.change(session, product, { ...fields, updatedAt })
  const skus =
    changed.family === product.family
      ? []
      : await models.skus.followProduct(session, product._id, { family: changed.family, updatedAt })
  await events.append(session, productEvent('changed', changed), ...skus.map((sku) => skuEvent('changed', sku)))
  return product._id
}
