import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { heldScopes, toGrants } from '../declared-scopes/grants.ts'
import { createInputErrors, known } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { checkOnesOwn, consentEvent } from './consent-change.ts'
import type { Consent } from './consents.ts'

export interface RecordConsentInput {
  readonly memberId: string
  readonly appId: string
  readonly scopes: readonly string[]
  readonly expiresAt?: Date | null
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
  const declared = await models.declaredScopes.all(session)
  const held = heldScopes(app, declared)
  if (scopes.some((scope) => !held.includes(scope))) {
    throw refuse('SCOPE_NOT_ALLOWED', ['input', 'scopes'], `The app has ${held.join(', ')}.`)
  }
  const given = { ...toGrants(scopes, declared), grantedAt: now, expiresAt }
  const before = await models.consents.inForce(session, member._id, app._id)
  if (before !== null) {
    const renewed = await models.consents.change(session, before, given)
    await events.append(session, consentEvent('changed', renewed, declared))
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
  await events.append(session, consentEvent('granted', consent, declared))
  return consent._id
}
