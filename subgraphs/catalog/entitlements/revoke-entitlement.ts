import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { entitlementEvent } from '../catalog-events.ts'
import { expectVersion, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { entitlementState } from './entitlement.ts'

export interface RevokeEntitlementInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Takes an entitlement back; it stays on record. */
export async function revokeEntitlement(
  { caller, models, events, now }: CatalogContext,
  { id, expectedVersion }: RevokeEntitlementInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const entitlement = await models.entitlements.byId(session, id)
  if (!entitlement) throw notFound('entitlement')
  expectVersion('entitlement', entitlement, expectedVersion)
  const illegal = entitlementState.refusal(entitlement.state, 'REVOKED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const revoked = await models.entitlements.revoke(session, entitlement, now())
  await events.append(session, entitlementEvent('revoked', revoked))
  return id
}
