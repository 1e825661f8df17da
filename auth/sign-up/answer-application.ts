import { randomUUID } from 'node:crypto'
import { formToken, isOurForm } from '../form-token.ts'
import { applyPage } from '../pages/apply-page.ts'
import { givenExtraFields } from '../pages/form-fields.ts'
import { messagePage } from '../pages/message-page.ts'
import type { Problem } from '../pages/problems.ts'
import type { AttemptLimit } from '../sign-in/attempts.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import type { AskedField, SignUpDesk } from './desk.ts'
import type { Refusal } from '../ask-graph.ts'

/** In a quarter of an hour, of one network address. */
const mostApplications = 20

const labels: Readonly<Record<string, string>> = {
  name: 'Company',
  type: 'Kind of company',
  country: 'Country',
  website: 'Website',
  applicantName: 'Your name',
  applicantEmail: 'Your e-mail address',
}
const companyTypes = new Set(['RESELLER', 'DISTRIBUTOR', 'ISV', 'REFERRAL', 'SI'])

/** The page on which strangers apply. Its answer is the same whether or not their address is known. */
export async function answerApplication(
  dependencies: { readonly desk: SignUpDesk; readonly attempts: AttemptLimit; readonly cookieSecret: Uint8Array },
  request: PageRequest,
): Promise<PageAnswer> {
  const { desk, attempts, cookieSecret } = dependencies
  const { form, query, address } = request
  const { csrf, cookies } = formToken(cookieSecret, request)
  const [plans, extraFields] = await Promise.all([desk.plans(), desk.extraFields('ORGANIZATION')])
  const show = (status: number, values: URLSearchParams, refusals: readonly Problem[]): PageAnswer => ({
    status,
    body: applyPage({ csrf, once: randomUUID(), plans, extraFields, values, refusals }),
    cookies,
  })
  if (form === null) return show(200, query, [])
  if (!isOurForm(cookieSecret, request)) {
    return show(403, form, [{ message: 'This page was open for too long, or cookies are off. Send it once more.' }])
  }
  if (!(await attempts.admit(`apply ${address}`, mostApplications))) {
    return { status: 429, body: messagePage('Too many applications', 'Try again in a quarter of an hour.') }
  }
  const text = (name: string): string => form.get(name) ?? ''
  const problems: Problem[] = []
  if (!companyTypes.has(text('type'))) problems.push({ label: 'Kind of company', message: 'Choose one.' })
  // Hidden plans and those that are no more are not there, whoever knows their handles.
  if (!plans.some(({ handle }) => handle === text('plan'))) problems.push({ label: 'Plan', message: 'Choose one.' })
  if (problems.length > 0) return show(422, form, problems)
  const given = givenExtraFields(extraFields, form)
  const input = {
    name: text('name'),
    type: text('type'),
    country: text('country'),
    website: text('website'),
    applicantName: text('applicantName'),
    applicantEmail: text('applicantEmail'),
    planHandle: text('plan'),
    extraFields: given,
  }
  const refusals = await desk.submit(input, keyOf(text('once')))
  if (refusals.length > 0) {
    return show(
      422,
      form,
      refusals.map((refusal) => explain(refusal, { given, extraFields })),
    )
  }
  const sent = `We have sent a mail to ${text('applicantEmail').trim()}. Open the link in it to confirm your address; it works for three days.`
  return {
    status: 200,
    body: messagePage('Look into your mailbox', sent, 'No mail? Look among the unwanted ones, too.'),
  }
}

function explain(
  { field, message }: Refusal,
  { given, extraFields }: { readonly given: readonly { key: string }[]; readonly extraFields: readonly AskedField[] },
): Problem {
  const [, name = '', index] = field ?? []
  if (name !== 'extraFields') return { label: labels[name], message }
  const key = index === undefined ? undefined : given[Number(index)]?.key
  return { label: extraFields.find((asked) => asked.key === key)?.label, message }
}

/** What a page did not make itself is no key of an application. */
function keyOf(once: string): string {
  return /^[0-9a-f-]{36}$/.test(once) ? once : randomUUID()
}
