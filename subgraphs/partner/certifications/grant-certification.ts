import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { conclude, writeActive } from './certification-change.ts'
import type { Certification } from './certifications.ts'

export interface GrantCertificationInput {
  readonly organizationId: string
  readonly memberId?: string | null
  readonly code: string
  readonly title: string
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
