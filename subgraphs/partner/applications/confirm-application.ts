import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { checkTransition, known } from '../input.ts'
import { memberEvent } from '../members/member-events.ts'
import { newMember } from '../members/new-member.ts'
import { decideApplication } from '../organizations/decide-application.ts'
import { newOrganization } from '../organizations/new-organization.ts'
import { organizationEvent } from '../organizations/organization-events.ts'
import type { PartnerContext } from '../partner-context.ts'
import { applicationStateMachine } from './application-status.ts'
import { isKnown } from './submit-application.ts'

export interface ConfirmPartnerApplicationInput {
  readonly id: string
  /** The plan's name for the mail. */
  readonly planName: string
  /** Approve it at once: billing's default plan asks nobody. */
  readonly approve: boolean
}

/** Makes an organization of an application whose address is proven, with the applicant as its first administrator. */
export async function confirmApplication(
  context: PartnerContext,
  { id, planName, approve }: ConfirmPartnerApplicationInput,
  session: ClientSession,
): Promise<string> {
  const { models, events, caller } = context
  const now = context.now()
  const found = await models.applications.find(caller, session, id)
  // The database may not have come by to forget it yet.
  const expired = found?.expiresAt != null && found.expiresAt <= now
  const application = known(expired ? null : found, 'application')
  checkTransition(applicationStateMachine.refusal(application.status, 'SUBMITTED'), ['id'])
  const { applicantEmail: email, applicantName, name, type, country, website, extraFields } = application
  if (await isKnown(context, session, email)) throw alreadyRegistered()

  const organization = newOrganization({ name, type, country, website, territories: [], extraFields, now })
  const member = newMember({ organizationId: organization._id, name: applicantName, email, role: 'ADMIN', now })
  await models.organizations.insert(session, organization)
  await models.members.insert(session, member)
  try {
    await models.applications.change(session, application, {
      status: 'SUBMITTED',
      organizationId: organization._id,
      claimedEmail: email,
      confirmedAt: now,
      expiresAt: null,
    })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw alreadyRegistered()
  }
  await events.append(session, organizationEvent('applied', organization), memberEvent('joined', member))
  if (approve) {
    await decideApplication(context, { id: organization._id, decision: 'APPROVE' }, session)
  } else {
    const facts = { name: applicantName, organizationName: name, planName }
    await models.mails.add(session, { kind: 'application-received', to: email, facts }, now)
  }
  return application._id
}

function alreadyRegistered() {
  return refuse('ALREADY_REGISTERED', ['input', 'id'], 'This e-mail address has an account or an application already.')
}
