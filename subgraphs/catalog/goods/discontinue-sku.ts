import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { skuEvent } from '../catalog-events.ts'
import { expectVersion, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import type { DiscontinueInput } from './discontinue-product.ts'
import { skuStatus } from './goods-status.ts'

/** Discontinues one SKU. */
export async function discontinueSku(
  { caller, models, events, now }: CatalogContext,
  { id, expectedVersion }: DiscontinueInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const sku = await models.skus.byId(session, id)
  if (!sku) throw notFound('SKU')
  expectVersion('SKU', sku, expectedVersion)
  const illegal = skuStatus.refusal(sku.status, 'DISCONTINUED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const changed = await models.skus.change(session, sku, { status: 'DISCONTINUED', updatedAt: now() })
  await events.append(session, skuEvent('changed', changed))
  return id
}
