import type { ClientSession } from 'mongoose'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'

/** What follows from a decision: the application is closed, billing learns of the plan, the applicant gets a mail. */
export async function noteDecision(
  { models, events, now }: PartnerContext,
  { _id: organizationId, name: organizationName, status }: Organization,
  { session, reason }: { readonly session: ClientSession; readonly reason: string | null },
): Promise<void> {
  const approved = status === 'APPROVED'
  const at = now()
  const application = await models.applications.ofOrganization(session, organizationId)
  if (application !== null) {
    const changes = { status: approved ? 'APPROVED' : 'REJECTED', reason, decidedAt: at } as const
    await models.applications.change(session, application, changes)
    if (!approved) await models.applications.release(session, organizationId)
    await events.append(session, {
      type: `partner_application.${approved ? 'approved' : 'rejected'}`,
      subject: application._id,
      audience: [organizationId],
      data: { organizationId, planHandle: application.planHandle },
    })
  }
  for (const { _id, name, email: to } of await models.members.activeAdmins(session, organizationId)) {
    const facts = { name, organizationName }
    if (approved) {
      const link = ['password', _id] as const
      await models.mails.add(session, { kind: 'application-approved', to, facts, link }, at)
    } else {
      const told = { ...facts, reason: reason ?? '' }
      await models.mails.add(session, { kind: 'application-rejected', to, facts: told }, at)
    }
  }
}
