import type { ClientSession } from 'mongoose'
import type { NewEvent } from '../../../kit/events.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkTransition, checkVersion, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type Certification, type CertificationStatus, certificationStateMachine } from './certifications.ts'

/** A certification to change. */
export interface CertificationInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** The certification that is to come into a state, or a refusal. */
export async function changeable(
  context: PartnerContext,
  input: CertificationInput,
  { session, to }: { readonly session: ClientSession; readonly to: CertificationStatus },
): Promise<Certification> {
  const { models, caller } = context
  operatorOnly(caller)
  const certification = known(await models.certifications.find(caller, session, input.id), 'certification')
  checkVersion(certification, input.expectedVersion)
  checkTransition(certificationStateMachine.refusal(certification.status, to), ['id'])
  return certification
}

/** Writes an active certification, of which a holder can have one per code only. */
export async function writeActive<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_CERTIFIED', ['input'], 'There is such a certification that holds; renew that.')
  }
}

/** Tells of a change and has the tier of the organization evaluated. */
export async function conclude(
  context: PartnerContext,
  session: ClientSession,
  change: Change,
  certification: Certification,
) {
  await context.models.standings.evaluateSoon(session, [certification.organizationId], context.now())
  await context.events.append(session, certificationEvent(change, certification))
}

type Change = 'granted' | 'renewed' | 'revoked' | 'expired'

/** An event about a certification. */
export function certificationEvent(change: Change, certification: Certification): NewEvent {
  const { _id, organizationId, memberId, code } = certification
  return {
    type: `certification.${change}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, memberId, code },
  }
}
