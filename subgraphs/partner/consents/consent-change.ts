import type { ClientSession } from 'mongoose'
import type { NewEvent } from '../../../kit/events.ts'
import type { DeclaredScope } from '../declared-scopes/declared-scopes.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Consent } from './consents.ts'

/** A person consents for itself; for another only an administrator, or an app that acts for nobody. */
export async function checkOnesOwn(context: PartnerContext, memberId: string, session: ClientSession): Promise<void> {
  if (context.caller.endUserId !== memberId) await requireRole(context, session, ['ADMIN'])
}

/** An event about a consent. */
export function consentEvent(
  change: 'granted' | 'changed' | 'revoked' | 'expired',
  consent: Consent,
  declared: readonly DeclaredScope[],
): NewEvent {
  const { _id, organizationId, memberId, appId } = consent
  return {
    type: `consent.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, memberId, appId, scopes: [...heldScopes(consent, declared)] },
  }
}
