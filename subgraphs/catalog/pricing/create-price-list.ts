import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { priceListEvent } from '../catalog-events.ts'
import { checkInput, given } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import type { PriceList, PriceListReach } from './price-list.ts'
import { mostListsPerTarget, priceListWords } from './price-list-model.ts'

export interface CreatePriceListInput {
  readonly name: string
  readonly reach: PriceListReach
  readonly currencyCode: string
  readonly validFrom?: Date | null
  readonly validTo?: Date | null
  readonly externalId?: string | null
}

/** Makes a price list without prices. */
export async function createPriceList(
  { caller, models, events, now }: CatalogContext,
  input: CreatePriceListInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const at = now()
  const check = checkInput()
  const fields = {
    name: check.text('name', input.name, [1, 200]),
    externalId: given(input.externalId, (id) => check.text('externalId', id, [1, 100])) ?? null,
    validFrom: input.validFrom ?? at,
    validTo: input.validTo ?? null,
  }
  if (!/^[A-Z]{3}$/.test(input.currencyCode)) check.fail('currencyCode', 'Give an ISO 4217 code such as `EUR`.')
  if (fields.validTo !== null && fields.validTo <= fields.validFrom) {
    check.fail('validTo', 'The end must lie after the beginning.')
  }
  check.done()
  if (input.reach === 'DEFAULT' && (await models.priceLists.countDefaults(session)) >= mostListsPerTarget) {
    throw refuse('TOO_MANY_LISTS', ['input', 'reach'], `There are ${mostListsPerTarget} default lists at most.`)
  }
  const list: PriceList = {
    _id: createId('PriceList'),
    ...fields,
    reach: input.reach,
    currencyCode: input.currencyCode,
    words: priceListWords(fields),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await models.priceLists.insert(session, list)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('DUPLICATE_EXTERNAL_ID', ['input', 'externalId'], 'Another price list has this external id.')
  }
  await events.append(session, priceListEvent('created', list, 'list'))
  return list._id
}
