import type { Importer } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import type { CatalogModels } from '../catalog-models.ts'
import { productEvent, skuEvent } from '../catalog-events.ts'
import { type GoodsStatus, productStatus } from '../goods/goods-status.ts'
import { type Product, productWords } from '../goods/product-model.ts'
import { collectRefusals, lastByKey, lengthProblem, operatorOnly, textOf } from './import-line.ts'

/** Products by their external id: new ones are added, known ones are changed where a line says otherwise. */
export const importProducts: Importer<CatalogModels> = {
  kind: 'products',
  description: 'One product, found by its external id: added when it is new, changed when it differs.',
  scope: 'catalog:write',
  columns: [
    { name: 'externalId', description: 'The id in the system it comes from.', required: true, type: 'text' },
    { name: 'name', description: 'The name, at most 200 characters.', required: true, type: 'text' },
    { name: 'family', description: 'The product family, for example Notebooks.', required: true, type: 'text' },
    { name: 'description', description: 'What it is, in a sentence.', required: false, type: 'text' },
    { name: 'status', description: 'ACTIVE (by default) or DISCONTINUED.', required: false, type: 'text' },
  ],
  async apply({ models, events, caller, now }, lines, session) {
    const refusals = collectRefusals()
    const sound = lines.filter((line) => {
      const problem = caller.operator
        ? (lengthProblem(line, 'externalId', 100) ??
          lengthProblem(line, 'name', 200) ??
          lengthProblem(line, 'family', 100) ??
          ((textOf(line, 'description')?.length ?? 0) > 2_000
            ? { column: 'description', code: 'INVALID_INPUT', message: 'description has over 2000 characters.' }
            : undefined) ??
          (isStatus(textOf(line, 'status') ?? 'ACTIVE')
            ? undefined
            : { column: 'status', code: 'INVALID_INPUT', message: 'status must be ACTIVE or DISCONTINUED.' }))
        : operatorOnly
      if (problem) refusals.refuse(line, problem)
      return !problem
    })
    const byExternalId = lastByKey(sound, (line) => textOf(line, 'externalId') ?? '')
    const known = new Map(
      (await models.products.byExternalIds(session, [...byExternalId.keys()])).map((one) => [one.externalId, one]),
    )
    const at = now()
    const added: Product[] = []
    const changed: { readonly before: Product; readonly after: Product }[] = []
    for (const [externalId, line] of byExternalId) {
      const before = known.get(externalId)
      const status = (textOf(line, 'status') ?? before?.status ?? 'ACTIVE') as GoodsStatus
      const illegal = before && before.status !== status ? productStatus.refusal(before.status, status) : undefined
      if (illegal) {
        refusals.refuse(line, { column: 'status', code: 'ILLEGAL_TRANSITION', message: illegal })
        continue
      }
      const told = {
        name: textOf(line, 'name') ?? '',
        family: textOf(line, 'family') ?? '',
        description: textOf(line, 'description') ?? before?.description ?? '',
        status,
        externalId,
      }
      const words = productWords(told)
      if (!before) {
        added.push({ _id: createId('Product'), ...told, words, version: 1, createdAt: at, updatedAt: at })
      } else if (
        (['name', 'family', 'description', 'status'] as const).some((field) => before[field] !== told[field])
      ) {
        changed.push({ before, after: { ...before, ...told, words, version: before.version + 1, updatedAt: at } })
      }
    }
    await models.products.writeAll(session, { added, changed: changed.map(({ after }) => after) })
    const followed = await models.skus.followProducts(
      session,
      changed.filter(({ before, after }) => before.family !== after.family || before.status !== after.status),
      at,
    )
    const told = [
      ...added.map((one) => productEvent('created', one)),
      ...changed.map(({ after }) => productEvent('changed', after)),
      ...followed.map((one) => skuEvent('changed', one)),
    ]
    if (told.length > 0) await events.append(session, ...told)
    return refusals.list
  },
}

function isStatus(text: string): text is GoodsStatus {
  return (productStatus.states as readonly string[]).includes(text)
}
