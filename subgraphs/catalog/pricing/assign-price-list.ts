import type { ClientSession } from 'mongoose'
import { isIdOf } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { priceListEvent } from '../catalog-events.ts'
import { type Grantee, granteeKey } from '../entitlements/entitlement.ts'
import { checkInput, expectVersion, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import type { PriceList, PriceListReach } from './price-list.ts'
import { mostListsPerTarget } from './price-list-model.ts'

export interface AssignPriceListInput {
  readonly priceListId: string
  readonly organizationId?: string | null
  readonly tierId?: string | null
  readonly territory?: string | null
  readonly expectedVersion?: number | null
}

const fieldOf: Readonly<Record<Exclude<PriceListReach, 'DEFAULT'>, keyof Grantee>> = {
  ORGANIZATION: 'organizationId',
  TIER: 'tierId',
  TERRITORY: 'territory',
}

/** Lets a list apply to somebody. */
export async function assignPriceList(
  { caller, models, events, now }: CatalogContext,
  input: AssignPriceListInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const list = await models.priceLists.byId(session, input.priceListId)
  if (!list) throw notFound('price list', 'priceListId')
  expectVersion('price list', list, input.expectedVersion)
  const grantee = granteeOf(list, input)
  const { organizationId, tierId } = grantee
  if (organizationId !== null && !(await models.organizations.byId(session, organizationId))) {
    throw refuse('UNKNOWN_ORGANIZATION', ['input', 'organizationId'], 'There is no such organization.')
  }
  if (tierId !== null && !isIdOf('PartnerTier', tierId)) {
    throw refuse('INVALID_INPUT', ['input', 'tierId'], 'This is not the id of a tier.')
  }
  const target = granteeKey(grantee)
  if ((await models.priceLists.countOfTarget(session, target)) >= mostListsPerTarget) {
    const message = `At most ${mostListsPerTarget} lists can be assigned to one target; take back one that is over.`
    throw refuse('TOO_MANY_LISTS', ['input'], message)
  }
  try {
    await models.priceLists.assign(session, { _id: `${list._id}:${target}`, priceListId: list._id, ...grantee, target })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_ASSIGNED', ['input'], 'The list is assigned so already; there is nothing to do.')
  }
  const changed = await models.priceLists.change(session, list, { updatedAt: now() })
  await events.append(session, priceListEvent('changed', changed, 'assignments'))
  return list._id
}

/** Takes an assignment back. */
export async function unassignPriceList(
  { caller, models, events, now }: CatalogContext,
  input: AssignPriceListInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const list = await models.priceLists.byId(session, input.priceListId)
  if (!list) throw notFound('price list', 'priceListId')
  expectVersion('price list', list, input.expectedVersion)
  const target = granteeKey(granteeOf(list, input))
  if (!(await models.priceLists.unassign(session, list._id, target))) {
    throw refuse('NOT_ASSIGNED', ['input'], 'The list is not assigned so; there is nothing to do.')
  }
  const changed = await models.priceLists.change(session, list, { updatedAt: now() })
  await events.append(session, priceListEvent('changed', changed, 'assignments'))
  return list._id
}

/** To whom the input points: exactly what the list's reach names. */
function granteeOf({ reach }: PriceList, input: AssignPriceListInput): Grantee {
  if (reach === 'DEFAULT') {
    throw refuse('WRONG_REACH', ['input', 'priceListId'], 'A default list applies to everybody and is not assigned.')
  }
  const check = checkInput()
  const territory = typeof input.territory === 'string' ? check.text('territory', input.territory, [1, 40]) : null
  check.done()
  const grantee = { organizationId: input.organizationId ?? null, tierId: input.tierId ?? null, territory }
  const wanted = fieldOf[reach]
  const given = (['organizationId', 'tierId', 'territory'] as const).filter((field) => grantee[field] !== null)
  if (given.length !== 1 || given[0] !== wanted) {
    throw refuse('WRONG_REACH', ['input', wanted], `The list's reach is ${reach}: give ${wanted} and nothing else.`)
  }
  return grantee
}
