import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { productEvent } from '../catalog-events.ts'
import { checkInput, given } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { type Product, productWords } from './product-model.ts'

export interface CreateProductInput {
  readonly name: string
  readonly family: string
  readonly description: string
  readonly externalId?: string | null
}

/** Adds a product. Nobody but the operator views it before an entitlement covers it. */
export async function createProduct(
  { caller, models, events, now }: CatalogContext,
  input: CreateProductInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const check = checkInput()
  const fields = {
    name: check.text('name', input.name, [1, 200]),
    family: check.text('family', input.family, [1, 100]),
    description: check.text('description', input.description, [0, 2_000]),
    externalId: given(input.externalId, (id) => check.text('externalId', id, [1, 100])) ?? null,
  }
  check.done()
  const at = now()
  const product: Product = {
    _id: createId('Product'),
    ...fields,
    status: 'ACTIVE',
    words: productWords(fields),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await models.products.insert(session, product)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('DUPLICATE_EXTERNAL_ID', ['input', 'externalId'], 'Another product has this external id.')
  }
  await events.append(session, productEvent('created', product))
  return product._id
}
