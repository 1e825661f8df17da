import { type Html, markup } from '../../kit/markup.ts'
import type { ApplicationStatus, ReadApplication } from '../account/account-desk.ts'
import { type AccountFrame, accountPage, csrfField } from './account-page.ts'

const views: readonly (readonly [ApplicationStatus, string])[] = [
  ['SUBMITTED', 'To decide'],
  ['UNCONFIRMED', 'Not confirmed'],
  ['APPROVED', 'Approved'],
  ['REJECTED', 'Rejected'],
]

/** The operator's queue of applications. */
export function applicationsPage(
  frame: AccountFrame,
  options: {
    readonly status: ApplicationStatus
    readonly applications: readonly ReadApplication[]
    readonly refusals: readonly { readonly message: string }[]
  },
): string {
  const { status, applications, refusals } = options
  const body = markup`<p>${views.map(([view, label]) =>
    view === status
      ? markup`<strong aria-current="page">${label}</strong> `
      : markup`<a href="/oauth/account/applications?status=${view}">${label}</a> `,
  )}</p>
    ${applications.length === 0 ? markup`<p>There are none.</p>` : applications.map((one) => entry(one, frame.csrf))}`
  return accountPage(frame, { title: 'Applications', body, refusals })
}

function entry(application: ReadApplication, csrf: string): Html {
  const { name, type, country, website, applicantName, applicantEmail, planHandle, reason } = application
  return markup`<section><h2>${name}</h2>
    <p>${type}, ${country}, ${website}<br />${applicantName}, ${applicantEmail}<br />wants the plan <strong>${planHandle}</strong></p>
    ${reason === null ? undefined : markup`<p class="soft">${reason}</p>`}
    ${application.status === 'SUBMITTED' ? decision(application, csrf) : undefined}</section>`
}

function decision({ id, name, organization }: ReadApplication, csrf: string): Html {
  return markup`<form method="post" action="/oauth/account/applications">
      ${csrfField(csrf)}
      <input type="hidden" name="organization" value="${organization?.id ?? ''}" />
      <label for="reason-${id}">Reason<span class="hint">needed to reject; the applicant reads it</span></label>
      <input id="reason-${id}" name="reason" maxlength="2000" />
      <div class="actions">
        <button class="main" name="action" value="APPROVE" aria-label="Approve ${name}">Approve</button>
        <button name="action" value="REJECT" aria-label="Reject ${name}">Reject</button>
      </div>
    </form>`
}
