import type { ClientSession } from 'mongoose'
import { checkTransition, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { credentialEvent } from './credential-events.ts'
import { credentialStateMachine, credentialStatus } from './credential-status.ts'

export interface RevokeAppCredentialInput {
  readonly id: string
}

/** Revokes a key, be it the one that makes the call. */
export async function revokeAppCredential(
  context: PartnerContext,
  input: RevokeAppCredentialInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller, events } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const credential = known(await models.credentials.find(caller, session, input.id), 'credential')
  const now = context.now()
  checkTransition(credentialStateMachine.refusal(credentialStatus(credential, now), 'REVOKED'), ['id'])
  const revoked = await models.credentials.change(session, credential, { revokedAt: now, lapsed: true })
  await events.append(session, credentialEvent('revoked', revoked))
  return credential._id
}
