import { type Html, markup } from '../../kit/markup.ts'
import type { EndUser } from '../directory.ts'
import { page } from './page.ts'
import { problems } from './problems.ts'

/** What every account page shows besides its own part. */
export interface AccountFrame {
  readonly member: EndUser
  readonly csrf: string
  /** Whether this person decides applications. */
  readonly decides: boolean
  /** Where the graph and its explorer are; empty where this process does not know. */
  readonly graphUrl: string
}

/** A page of somebody who is signed in. */
export function accountPage(
  { member, csrf, decides, graphUrl }: AccountFrame,
  {
    title,
    body,
    refusals = [],
  }: { readonly title: string; readonly body: Html; readonly refusals?: Parameters<typeof problems>[0] },
): string {
  return page(
    title,
    markup`<nav aria-label="Account">
        <a href="/oauth/account">Apps</a>
        <a href="/oauth/account/members">Members</a>
        ${decides ? markup`<a href="/oauth/account/applications">Applications</a>` : undefined}
        ${graphUrl === '' ? undefined : markup`<a href="${graphUrl}/">Explorer</a>`}
        <form method="post" action="/oauth/account/sign-out">${csrfField(csrf)}<button class="link">Sign out</button></form>
      </nav>
      <h1>${title}</h1>
      <p class="soft">${member.organizationName}, signed in as ${member.name} (${member.role})</p>
      ${problems(refusals)}
      ${body}`,
    'wide',
  )
}

/** The hidden field that says a form is ours. */
export function csrfField(csrf: string): Html {
  return markup`<input type="hidden" name="csrf" value="${csrf}" />`
}
