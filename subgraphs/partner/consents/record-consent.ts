import type { ClientSession } from 'mongoose'
import type { NewEvent } from '../../../kit/events.ts'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { checkTransition, checkVersion, createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type Consent, consentStateMachine } from './consents.ts'

export interface RecordConsentInput {
  readonly memberId: string
  readonly appId: string
  readonly scopes: readonly string[]
  readonly expiresAt?: Date | null
}

export interface RevokeConsentInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Records what a member allows an app; what it allowed that app before is replaced. */
export async function recordConsent(context: PartnerContext, input: RecordConsentInput, session: ClientSession) {
  const { models, caller, events } = context
  await checkOnesOwn(context, input.memberId, session)
  const now = context.now()
  const errors = createInputErrors()
  const expiresAt = errors.future(['expiresAt'], input.expiresAt, now)
  const scopes = [...new Set(input.scopes)].toSorted()
  if (scopes.length === 0) errors.add(['scopes'], 'A consent names at least one scope.')
  errors.check()
  const member = known(await models.members.find(caller, session, input.memberId), 'member', 'memberId')
  if (member.status !== 'ACTIVE') {
    throw refuse('MEMBER_DEACTIVATED', ['input', 'memberId'], 'The member no longer acts for the organization.')
  }
  const app = known(await models.apps.findActive(session, input.appId), 'app', 'appId')
  if (scopes.some((scope) => !app.scopes.includes(scope))) {
    throw refuse('SCOPE_NOT_ALLOWED', ['input', 'scopes'], `The app has ${app.scopes.join(', ')}.`)
  }
  const given = { scopes, grantedAt: now, expiresAt }
  const before = await models.consents.inForce(session, member._id, app._id)
  if (before !== null) {
    const renewed = await models.consents.change(session, before, given)
    await events.append(session, consentEvent('changed', renewed))
    return before._id
  }
  const consent: Consent = {
    _id: createId('Consent'),
    organizationId: member.organizationId,
    memberId: member._id,
    appId: app._id,
    ...given,
    status: 'ACTIVE',
    revokedAt: null,
    version: 1,
  }
  await models.consents.insert(session, consent)
  await events.append(session, consentEvent('granted', consent))
  return consent._id
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
  await events.append(session, consentEvent('revoked', revoked))
  return consent._id
}

/** A person consents for itself; for another only an administrator, or an app that acts for nobody. */
async function checkOnesOwn(context: PartnerContext, memberId: string, session: ClientSession): Promise<void> {
  if (context.caller.endUserId !== memberId) await requireRole(context, session, ['ADMIN'])
}

/** An event about a consent. */
export function consentEvent(change: 'granted' | 'changed' | 'revoked' | 'expired', consent: Consent): NewEvent {
  const { _id, organizationId, memberId, appId, scopes } = consent
  return {
    type: `consent.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, memberId, appId, scopes: [...scopes] },
  }
}
