import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { createInputErrors, plainEmail } from '../input.ts'
import { type Profile, checkProfile } from '../organizations/check-profile.ts'
import type { OrganizationType } from '../organizations/organization-status.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Application } from './applications.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Of one address in a day: nobody's mailbox can be filled by a form that anybody can send. */
const mostMailsADay = 3
/** How long an address may be confirmed. */
const confirmableMs = 3 * dayMs

export interface SubmitPartnerApplicationInput {
  readonly name: string
  readonly type: OrganizationType
  readonly country: string
  readonly website: string
  readonly applicantName: string
  readonly applicantEmail: string
  readonly planHandle: string
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/**
 * Keeps an application until its address is confirmed. Whether the address has an account already only its owner is
 * told, by mail: the answer is the same.
 */
export async function submitApplication(
  context: PartnerContext,
  input: SubmitPartnerApplicationInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  const errors = createInputErrors()
  const profile = checkProfile(input, errors) as Required<Pick<Profile, 'name' | 'type' | 'country' | 'website'>>
  const applicantName = errors.text(['applicantName'], input.applicantName, 200)
  const applicantEmail =
    plainEmail(input.applicantEmail) ??
    errors.add(['applicantEmail'], 'This is no e-mail address, such as you@example.com.') ??
    ''
  // What a partner fills in, although the installation itself asks.
  const asPartner = { models, caller: { ...caller, operator: false } }
  const given = { target: 'ORGANIZATION', stored: [], given: input.extraFields, errors } as const
  const extraFields = await checkExtraFields(asPartner, session, given)
  errors.check()

  const now = context.now()
  const { name, type, country, website } = profile
  const application: Application = {
    _id: createId('PartnerApplication'),
    name,
    type,
    country,
    website,
    applicantName,
    applicantEmail,
    extraFields,
    planHandle: input.planHandle,
    status: 'UNCONFIRMED',
    reason: null,
    organizationId: null,
    createdAt: now,
    confirmedAt: null,
    decidedAt: null,
    expiresAt: new Date(now.getTime() + confirmableMs),
    version: 1,
  }
  const before = await models.applications.countSince(session, applicantEmail, new Date(now.getTime() - dayMs))
  await models.applications.insert(session, application)
  if (before >= mostMailsADay) return application._id
  if (await isKnown(context, session, applicantEmail)) {
    await models.mails.add(session, { kind: 'already-registered', to: applicantEmail, facts: {} }, now)
  } else {
    const link = ['confirmation', application._id] as const
    await models.mails.add(session, { kind: 'confirm-address', to: applicantEmail, facts: {}, link }, now)
  }
  return application._id
}

/** Whether an address belongs to a member of an organization that is not closed, or stands for an application. */
export async function isKnown({ models }: Pick<PartnerContext, 'models'>, session: ClientSession, email: string) {
  if (await models.applications.isClaimed(session, email)) return true
  const members = await models.members.activeOfAddress(email, session)
  const organizations = await models.organizations.findMany(
    session,
    members.map(({ organizationId }) => organizationId),
  )
  return organizations.some(({ status }) => status !== 'REJECTED' && status !== 'TERMINATED')
}
