import { type Stop, type Visitor, createVisitor } from './visitor.ts'

/** What somebody writes on the page of the sign-up. */
export function applicationForm(changes: Readonly<Record<string, string>> = {}) {
  return {
    name: 'Bergwerk Systeme',
    type: 'RESELLER',
    country: 'DE',
    website: 'https://www.bergwerk.example',
    applicantName: 'Ada Boss',
    applicantEmail: 'ada@bergwerk.example',
    plan: 'trial',
    ...changes,
  }
}

/** Opens the page and applies. */
export async function apply(origin: string, changes: Readonly<Record<string, string>> = {}): Promise<Stop> {
  const visitor = createVisitor(origin)
  return visitor.submit(await visitor.open('/oauth/apply'), applicationForm(changes))
}

/** Where the first button of a page leads to. */
export function buttonOf(page: Stop): string {
  const href = /<a class="button" href="([^"]+)"/.exec(page.html)?.[1]
  if (href === undefined) throw new Error(`the page has no button:\n${page.html}`)
  return href
}

/** Chooses a password behind a link and signs in with it. */
export async function choosePasswordAndSignIn(
  visitor: Visitor,
  { link, email, password }: { readonly link: string; readonly email: string; readonly password: string },
): Promise<Stop> {
  const set = await visitor.submit(await visitor.open(link), { password, again: password })
  if (set.status !== 200) throw new Error(`the password was refused:\n${set.html}`)
  return visitor.submit(await visitor.open('/oauth/account'), { email, password })
}

/** The text of a page without its markup. */
export function textOf({ html }: Stop): string {
  return html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

/** The page as one sees it below its head, where the form to sign out is. */
export function belowHead(page: Stop): Stop {
  return { ...page, html: page.html.replace(/<nav[\s\S]*?<\/nav>/, '') }
}
