import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { productEvent, skuEvent } from '../catalog-events.ts'
import { expectVersion, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { productStatus } from './goods-status.ts'

export interface DiscontinueInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Discontinues a product with all its SKUs. */
export async function discontinueProduct(
  { caller, models, events, now }: CatalogContext,
  { id, expectedVersion }: DiscontinueInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const product = await models.products.byId(session, id)
  if (!product) throw notFound('product')
  expectVersion('product', product, expectedVersion)
  const illegal = productStatus.refusal(product.status, 'DISCONTINUED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const end = { status: 'DISCONTINUED', updatedAt: now() } as const
  const changed = await models.products.change(session, product, end)
  const skus = await models.skus.followProduct(session, id, end)
  await events.append(session, productEvent('changed', changed), ...skus.map((sku) => skuEvent('changed', sku)))
  return id
}
