import type { ClientSession } from 'mongoose'
import type { CatalogContext } from '../catalog-context.ts'
import { priceListEvent } from '../catalog-events.ts'
import { checkInput, expectVersion, given, givenOnly, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'

export interface ChangePriceListInput {
  readonly id: string
  readonly name?: string | null
  readonly validFrom?: Date | null
  /** Null makes it open-ended; left out, it stays. */
  readonly validTo?: Date | null
  readonly expectedVersion?: number | null
}

/** Changes the name or validity of a list. */
export async function changePriceList(
  { caller, models, events, now }: CatalogContext,
  input: ChangePriceListInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const list = await models.priceLists.byId(session, input.id)
  if (!list) throw notFound('price list')
  expectVersion('price list', list, input.expectedVersion)
  const check = checkInput()
  const fields = givenOnly({
    name: given(input.name, (name) => check.text('name', name, [1, 200])),
    validFrom: given(input.validFrom, (moment) => moment),
    validTo: input.validTo,
  })
  const { validFrom, validTo } = { ...list, ...fields }
  if (validTo !== null && validTo <= validFrom) check.fail('validTo', 'The end must lie after the beginning.')
  check.done()
  const changed = await models.priceLists.change(session, list, { ...fields, updatedAt: now() })
  await events.append(session, priceListEvent('changed', changed, 'list'))
  return list._id
}
