import { applicationsPage } from '../pages/applications-page.ts'
import { messagePage } from '../pages/message-page.ts'
import type { PageAnswer } from '../web-page.ts'
import type { ApplicationStatus } from './account-desk.ts'
import type { AccountVisit } from './account-visit.ts'

const statuses: readonly ApplicationStatus[] = ['SUBMITTED', 'UNCONFIRMED', 'APPROVED', 'REJECTED']

/** The operator's queue: applications by their status, and decisions. */
export async function answerApplications({ frame, own, form, query }: AccountVisit): Promise<PageAnswer> {
  if (!own.decides) {
    return { status: 403, body: messagePage('This is not for you', 'The platform company decides applications.') }
  }
  const decision = form?.get('action') === 'REJECT' ? 'REJECT' : 'APPROVE'
  const reason = form?.get('reason')?.trim() || null
  const refusals = form === null ? [] : await own.decide({ id: form.get('organization') ?? '', decision, reason })
  const status = statuses.find((one) => one === query.get('status')) ?? 'SUBMITTED'
  const applications = await own.applications(status)
  return { status: refusals.length > 0 ? 409 : 200, body: applicationsPage(frame, { status, applications, refusals }) }
}
