import type { ClientSession } from 'mongoose'
import { createId, isIdOf } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { entitlementEvent } from '../catalog-events.ts'
import { checkInput } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import {
  type Entitlement,
  type EntitlementAction,
  type GrantedGoods,
  type Grantee,
  goodsKey,
  granteeKey,
} from './entitlement.ts'
import { mostPerGrantee } from './entitlement-model.ts'

type Optional<Fields> = { readonly [Key in keyof Fields]?: Fields[Key] }

export interface GrantEntitlementInput extends Optional<Grantee>, Optional<GrantedGoods> {
  readonly action: EntitlementAction
}

/** Grants one action with some goods to somebody. */
export async function grantEntitlement(
  context: CatalogContext,
  input: GrantEntitlementInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context.caller)
  const { models, events, now } = context
  const { grantee, goods } = checkGrant(input)
  if (grantee.organizationId !== null && !(await models.organizations.byId(session, grantee.organizationId))) {
    throw refuse('UNKNOWN_ORGANIZATION', ['input', 'organizationId'], 'There is no such organization.')
  }
  if (goods.productId !== null && !(await models.products.byId(session, goods.productId))) {
    throw refuse('UNKNOWN_PRODUCT', ['input', 'productId'], 'There is no such product.')
  }
  const entitlement: Entitlement = {
    _id: createId('Entitlement'),
    ...grantee,
    ...goods,
    action: input.action,
    grantee: granteeKey(grantee),
    goods: goodsKey(goods),
    state: 'GRANTED',
    createdAt: now(),
    revokedAt: null,
    version: 1,
  }
  const already = refuse('ALREADY_GRANTED', ['input'], 'This is granted already; there is nothing to do.')
  if (await models.entitlements.isGranted(session, entitlement)) throw already
  if ((await models.entitlements.countInForce(session, entitlement.grantee)) >= mostPerGrantee) {
    const message = `At most ${mostPerGrantee} entitlements of one grantee can be in force; grant families instead of products.`
    throw refuse('TOO_MANY_ENTITLEMENTS', ['input'], message)
  }
  try {
    await models.entitlements.insert(session, entitlement)
  } catch (error) {
    throw isDuplicateKey(error) ? already : error
  }
  await events.append(session, entitlementEvent('granted', entitlement))
  return entitlement._id
}

function checkGrant(input: GrantEntitlementInput): { readonly grantee: Grantee; readonly goods: GrantedGoods } {
  const check = checkInput()
  const { organizationId = null, tierId = null, productId = null } = input
  const territory = typeof input.territory === 'string' ? check.text('territory', input.territory, [1, 40]) : null
  const family = typeof input.family === 'string' ? check.text('family', input.family, [1, 100]) : null
  if ([organizationId, tierId, territory].filter((one) => one !== null).length !== 1) {
    check.fail('organizationId', 'Give exactly one of organizationId, tierId and territory.')
  }
  if ((productId === null) === (family === null)) check.fail('productId', 'Give exactly one of productId and family.')
  if (tierId !== null && !isIdOf('PartnerTier', tierId)) check.fail('tierId', 'This is not the id of a tier.')
  check.done()
  return { grantee: { organizationId, tierId, territory }, goods: { productId, family } }
}
