import type { ClientSession } from 'mongoose'
import type { CatalogContext } from '../catalog-context.ts'
import { skuEvent } from '../catalog-events.ts'
import { checkInput, expectVersion, given, givenOnly, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { checkGtin, checkPack, leadTimes, orderQuantities, refuseDuplicate } from './sku-input.ts'
import type { Pack } from './sku-model.ts'

export interface ChangeSkuInput {
  readonly id: string
  readonly name?: string | null
  readonly gtin?: string | null
  readonly pack?: Pack | null
  readonly minimumOrderQuantity?: number | null
  readonly leadTimeDays?: number | null
  readonly expectedVersion?: number | null
}

/** Changes a SKU; its code, which is printed on orders, and its product stay. */
export async function changeSku(
  { caller, models, events, now }: CatalogContext,
  input: ChangeSkuInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const check = checkInput()
  const fields = givenOnly({
    name: given(input.name, (name) => check.text('name', name, [1, 200])),
    gtin: given(input.gtin, (gtin) => checkGtin(check, gtin)),
    pack: given(input.pack, (pack) => checkPack(check, pack)),
    minimumOrderQuantity: given(input.minimumOrderQuantity, (packs) =>
      check.whole('minimumOrderQuantity', packs, orderQuantities),
    ),
    leadTimeDays: given(input.leadTimeDays, (days) => check.whole('leadTimeDays', days, leadTimes)),
  })
  check.done()
  const sku = await models.skus.byId(session, input.id)
  if (!sku) throw notFound('SKU')
  expectVersion('SKU', sku, input.expectedVersion)
  const changed = await models.skus.change(session, sku, { ...fields, updatedAt: now() }).catch(refuseDuplicate)
  await events.append(session, skuEvent('changed', changed))
  return sku._id
}
