import type { ImportLine, Importer } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import type { CatalogModels } from '../catalog-models.ts'
import { skuEvent } from '../catalog-events.ts'
import { mostSkusPerProduct, skuCodePattern } from '../goods/create-sku.ts'
import { normalGtin } from '../goods/gtin.ts'
import type { Product } from '../goods/product-model.ts'
import { leadTimes, orderQuantities } from '../goods/sku-input.ts'
import { type Sku, skuWords } from '../goods/sku-model.ts'
import {
  collectRefusals,
  lastByKey,
  lengthProblem,
  operatorOnly,
  rangeProblem,
  textOf,
  wholeOf,
} from './import-line.ts'

/** SKUs by their code: new ones are added to their product, known ones are changed where a line says otherwise. */
export const importSkus: Importer<CatalogModels> = {
  kind: 'skus',
  description: 'One SKU, found by its code: added to its product when it is new, changed when it differs.',
  scope: 'catalog:write',
  columns: [
    { name: 'code', description: 'The code on orders.', required: true, type: 'text' },
    { name: 'product', description: "The product's external id.", required: true, type: 'text' },
    { name: 'name', description: 'The name, at most 200 characters.', required: true, type: 'text' },
    { name: 'gtin', description: 'The GTIN, its check digit included.', required: true, type: 'text' },
    { name: 'packUnit', description: 'What one pack is; piece by default.', required: false, type: 'text' },
    { name: 'packQuantity', description: 'Pieces in a pack; 1 by default.', required: false, type: 'integer' },
    { name: 'minimumOrderQuantity', description: 'Fewest packs; 1 by default.', required: false, type: 'integer' },
    { name: 'leadTimeDays', description: 'Days to arrive; 0 by default.', required: false, type: 'integer' },
  ],
  async apply({ models, events, caller, now }, lines, session) {
    const refusals = collectRefusals()
    const sound = lines.filter((line) => {
      const problem = caller.operator ? problemOf(line) : operatorOnly
      if (problem) refusals.refuse(line, problem)
      return !problem
    })
    const byCode = lastByKey(sound, (line) => textOf(line, 'code') ?? '')
    const gtins = [...byCode.values()].map(gtinOf)
    const products = await models.products.byExternalIds(session, [
      ...new Set([...byCode.values()].map((line) => textOf(line, 'product') ?? '')),
    ])
    const productByExternalId = new Map(products.map((product) => [product.externalId, product]))
    const counts = await models.skus.countByProduct(
      session,
      products.map(({ _id }) => _id),
    )
    const known = await models.skus.byCodesOrGtins(session, [...byCode.keys()], gtins)
    const skuByCode = new Map(known.map((sku) => [sku.code, sku]))
    const codeByGtin = new Map(known.map((sku) => [sku.gtin, sku.code]))
    const at = now()
    const added: Sku[] = []
    const changed: Sku[] = []
    for (const [code, line] of byCode) {
      const before = skuByCode.get(code)
      const product = productByExternalId.get(textOf(line, 'product'))
      const told = skuOf(line, before)
      const problem = conflictOf({ code, told, product, before, codeByGtin, counts })
      if (problem || !product) {
        refusals.refuse(line, problem ?? { column: 'product', code: 'UNKNOWN_PRODUCT', message: 'No such product.' })
        continue
      }
      // Later lines of the batch see what this one takes and what it frees.
      if (before) codeByGtin.delete(before.gtin)
      codeByGtin.set(told.gtin, code)
      const words = skuWords({ ...told, code })
      if (!before) {
        counts.set(product._id, (counts.get(product._id) ?? 0) + 1)
        const { _id: productId, family } = product
        const dates = { version: 1, createdAt: at, updatedAt: at }
        added.push({ _id: createId('Sku'), productId, family, code, ...told, status: 'ACTIVE', words, ...dates })
      } else if (differs(before, told)) {
        changed.push({ ...before, ...told, words, version: before.version + 1, updatedAt: at })
      }
    }
    await models.skus.writeAll(session, { added, changed })
    const addedTo = new Set(added.map(({ productId }) => productId))
    await models.products.touch(session, [...addedTo], at)
    const told = [...added.map((sku) => skuEvent('created', sku)), ...changed.map((sku) => skuEvent('changed', sku))]
    if (told.length > 0) await events.append(session, ...told)
    return refusals.list
  },
}

type ToldSku = Pick<Sku, 'name' | 'gtin' | 'pack' | 'minimumOrderQuantity' | 'leadTimeDays'>

function problemOf(line: ImportLine) {
  if (!skuCodePattern.test(textOf(line, 'code') ?? '')) {
    const message = 'code must be 1 to 60 letters, digits, dots, dashes, slashes and underscores.'
    return { column: 'code', code: 'INVALID_INPUT', message }
  }
  if (gtinOf(line) === '') {
    const message = 'gtin must have 8, 12, 13 or 14 digits with a right check digit.'
    return { column: 'gtin', code: 'INVALID_GTIN', message }
  }
  if ((textOf(line, 'packUnit')?.length ?? 0) > 40) {
    return { column: 'packUnit', code: 'INVALID_INPUT', message: 'packUnit has over 40 characters.' }
  }
  return (
    lengthProblem(line, 'product', 100) ??
    lengthProblem(line, 'name', 200) ??
    rangeProblem(line, 'packQuantity', [1, 1_000_000]) ??
    rangeProblem(line, 'minimumOrderQuantity', orderQuantities) ??
    rangeProblem(line, 'leadTimeDays', leadTimes)
  )
}

function gtinOf(line: ImportLine): string {
  return normalGtin(textOf(line, 'gtin') ?? '') ?? ''
}

/** What a line says of a SKU; what it leaves out stays as it was. */
function skuOf(line: ImportLine, before: Sku | undefined): ToldSku {
  return {
    name: textOf(line, 'name') ?? '',
    gtin: gtinOf(line),
    pack: {
      unit: textOf(line, 'packUnit') ?? before?.pack.unit ?? 'piece',
      quantity: wholeOf(line, 'packQuantity') ?? before?.pack.quantity ?? 1,
    },
    minimumOrderQuantity: wholeOf(line, 'minimumOrderQuantity') ?? before?.minimumOrderQuantity ?? 1,
    leadTimeDays: wholeOf(line, 'leadTimeDays') ?? before?.leadTimeDays ?? 0,
  }
}

function differs(before: Sku, told: ToldSku): boolean {
  return (
    before.name !== told.name ||
    before.gtin !== told.gtin ||
    before.pack.unit !== told.pack.unit ||
    before.pack.quantity !== told.pack.quantity ||
    before.minimumOrderQuantity !== told.minimumOrderQuantity ||
    before.leadTimeDays !== told.leadTimeDays
  )
}

/** What keeps a sound line from being applied, given what there is. */
function conflictOf(of: {
  readonly code: string
  readonly told: ToldSku
  readonly product: Product | undefined
  readonly before: Sku | undefined
  readonly codeByGtin: ReadonlyMap<string, string>
  readonly counts: ReadonlyMap<string, number>
}) {
  const { code, told, product, before, codeByGtin, counts } = of
  if (!product) return { column: 'product', code: 'UNKNOWN_PRODUCT', message: 'No product has this external id.' }
  if (before && before.productId !== product._id) {
    return { column: 'product', code: 'OTHER_PRODUCT', message: 'This code belongs to a SKU of another product.' }
  }
  if ((codeByGtin.get(told.gtin) ?? code) !== code) {
    return { column: 'gtin', code: 'DUPLICATE_GTIN', message: 'Another SKU has this GTIN.' }
  }
  if (!before && product.status !== 'ACTIVE') {
    return { column: 'product', code: 'PRODUCT_DISCONTINUED', message: 'The product is discontinued.' }
  }
  if (!before && (counts.get(product._id) ?? 0) >= mostSkusPerProduct) {
    const message = `A product has at most ${mostSkusPerProduct} SKUs.`
    return { column: 'product', code: 'TOO_MANY_SKUS', message }
  }
  return undefined
}
