import type { ClientSession } from 'mongoose'
import { checkTransition, checkVersion, known } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { checkOnesOwn, consentEvent } from './consent-change.ts'
import { consentStateMachine } from './consents.ts'

export interface RevokeConsentInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Takes a consent back. */
export async function revokeConsent(context: PartnerContext, input: RevokeConsentInput, session: ClientSession) {
  const { models, caller, events } = context
  const consent = known(await models.consents.find(caller, session, input.id), 'consent')
  await checkOnesOwn(context, consent.memberId, session)
  checkVersion(consent, input.expectedVersion)
  checkTransition(consentStateMachine.refusal(consent.status, 'REVOKED'), ['id'])
  const changes = { status: 'REVOKED', revokedAt: context.now() } as const
  const revoked = await models.consents.change(session, consent, changes)
  await events.append(session, consentEvent('revoked', revoked, await models.declaredScopes.all(session)))
  return consent._id
}
