import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { createInputErrors, operatorOnly, plainEmail } from '../input.ts'
import { memberEvent } from '../members/member-events.ts'
import { newMember } from '../members/new-member.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type Profile, checkProfile } from './check-profile.ts'
import { newOrganization } from './new-organization.ts'
import { organizationEvent } from './organization-events.ts'
import type { OrganizationType } from './organization-status.ts'

export interface ApplyForPartnershipInput {
  readonly name: string
  readonly type: OrganizationType
  readonly country: string
  readonly website: string
  readonly territories: readonly string[]
  readonly externalId?: string | null
  readonly applicant: { readonly name: string; readonly email: string }
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/** Takes in the application of a company, with the applicant as its first administrator. */
export async function applyForPartnership(
  context: PartnerContext,
  input: ApplyForPartnershipInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models, events } = context
  const errors = createInputErrors()
  const profile = checkProfile(input, errors) as Required<Omit<Profile, 'externalId'>> & Pick<Profile, 'externalId'>
  const name = errors.text(['applicant', 'name'], input.applicant.name, 200)
  const email =
    plainEmail(input.applicant.email) ?? errors.add(['applicant', 'email'], 'This is no e-mail address.') ?? ''
  const extraFields = await checkExtraFields(context, session, {
    target: 'ORGANIZATION',
    stored: [],
    given: input.extraFields,
    errors,
  })
  errors.check()
  const now = context.now()
  const organization = newOrganization({ ...profile, extraFields, now })
  const member = newMember({ organizationId: organization._id, name, email, role: 'ADMIN', now })
  await writeWithExternalId(() => models.organizations.insert(session, organization))
  await models.members.insert(session, member)
  await events.append(session, organizationEvent('applied', organization), memberEvent('joined', member))
  return organization._id
}

/** Writes an organization whose external id another one may have got first. */
export async function writeWithExternalId<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const message = 'Another organization has this external id.'
    throw refuse('EXTERNAL_ID_TAKEN', ['input', 'externalId'], message)
  }
}
