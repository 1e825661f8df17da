import type { ClientSession } from 'mongoose'
import type { NewEvent } from '../../../kit/events.ts'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkTransition, checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type Certification, type CertificationStatus, certificationStateMachine } from './certifications.ts'

export interface GrantCertificationInput {
  readonly organizationId: string
  readonly memberId?: string | null
  readonly code: string
  readonly title: string
  readonly expiresAt?: Date | null
}

export interface RevokeCertificationInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

export interface RenewCertificationInput extends RevokeCertificationInput {
  readonly expiresAt?: Date | null
}

/** Certifies a member or an organization. */
export async function grantCertification(
  context: PartnerContext,
  input: GrantCertificationInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models, caller } = context
  const now = context.now()
  const errors = createInputErrors()
  const title = errors.text(['title'], input.title, 200)
  const expiresAt = errors.future(['expiresAt'], input.expiresAt, now)
  if (!/^[A-Z0-9][A-Z0-9-]{1,39}$/.test(input.code)) {
    errors.add(['code'], 'A code has 2 to 40 capital letters, digits and dashes.')
  }
  errors.check()
  const { organizationId, memberId = null, code } = input
  known(await models.organizations.find(caller, session, organizationId), 'organization', 'organizationId')
  if (memberId !== null) {
    const member = known(await models.members.find(caller, session, memberId), 'member', 'memberId')
    if (member.organizationId !== organizationId || member.status !== 'ACTIVE') {
      const message = 'This is no active member of the organization.'
      throw refuse('NOT_A_MEMBER', ['input', 'memberId'], message)
    }
  }
  const certification: Certification = {
    _id: createId('Certification'),
    organizationId,
    memberId,
    code,
    title,
    status: 'ACTIVE',
    issuedAt: now,
    expiresAt,
    version: 1,
  }
  await writeActive(() => models.certifications.insert(session, certification))
  await conclude(context, session, 'granted', certification)
  return certification._id
}

/** Gives a certification another end, also after the former one. */
export async function renewCertification(
  context: PartnerContext,
  input: RenewCertificationInput,
  session: ClientSession,
): Promise<string> {
  const certification = await changeable(context, input, { session, to: 'ACTIVE' })
  const errors = createInputErrors()
  const expiresAt = errors.future(['expiresAt'], input.expiresAt, context.now())
  errors.check()
  const changes = { status: 'ACTIVE', expiresAt } as const
  const changed = await writeActive(() => context.models.certifications.change(session, certification, changes))
  await conclude(context, session, 'renewed', changed)
  return certification._id
}

/** Takes a certification away. */
export async function revokeCertification(
  context: PartnerContext,
  input: RevokeCertificationInput,
  session: ClientSession,
): Promise<string> {
  const certification = await changeable(context, input, { session, to: 'REVOKED' })
  const changed = await context.models.certifications.change(session, certification, { status: 'REVOKED' })
  await conclude(context, session, 'revoked', changed)
  return certification._id
}

async function changeable(
  context: PartnerContext,
  input: RevokeCertificationInput,
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
async function writeActive<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_CERTIFIED', ['input'], 'There is such a certification that holds; renew that.')
  }
}

async function conclude(context: PartnerContext, session: ClientSession, change: Change, certification: Certification) {
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
