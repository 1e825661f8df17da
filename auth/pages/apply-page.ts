import { markup } from '../../kit/markup.ts'
import { countries } from '../sign-up/countries.ts'
import type { AskedField, OfferedPlan } from '../sign-up/desk.ts'
import { extraField, selectField, textField } from './form-fields.ts'
import { page } from './page.ts'
import { problems } from './problems.ts'

const types = [
  ['RESELLER', 'Reseller'],
  ['DISTRIBUTOR', 'Distributor'],
  ['ISV', 'Software maker'],
  ['REFERRAL', 'Referral partner'],
  ['SI', 'System integrator'],
] as const

/** The application of a company to become a partner. */
export function applyPage(options: {
  readonly csrf: string
  /** New with each page: what is sent twice from one page is one application. */
  readonly once: string
  readonly plans: readonly OfferedPlan[]
  readonly extraFields: readonly AskedField[]
  readonly values: URLSearchParams
  readonly refusals: readonly { readonly label?: string | undefined; readonly message: string }[]
}): string {
  const { csrf, once, plans, extraFields, values, refusals } = options
  const value = (name: string): string => values.get(name) ?? ''
  const chosen = values.get('plan') ?? plans[0]?.handle
  return page(
    refusals.length === 0 ? 'Become a partner' : 'Something is missing',
    markup`<h1>Become a partner</h1>
      <p class="soft">Your company gets an account, its first app and a key: the whole graph, in a few minutes.</p>
      ${problems(refusals)}
      <form method="post" action="/oauth/apply">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="once" value="${once}" />
        ${textField({ name: 'name', label: 'Company', value: value('name'), autocomplete: 'organization' })}
        ${selectField({ name: 'type', label: 'Kind of company', value: value('type'), options: types, empty: 'Choose one' })}
        ${selectField({ name: 'country', label: 'Country', value: value('country'), options: countries, empty: 'Choose one' })}
        ${textField({ name: 'website', label: 'Website', value: value('website'), type: 'url', maxlength: 500, autocomplete: 'url', hint: 'With https:// in front.' })}
        ${textField({ name: 'applicantName', label: 'Your name', value: value('applicantName'), autocomplete: 'name' })}
        ${textField({ name: 'applicantEmail', label: 'Your e-mail address', value: value('applicantEmail'), type: 'email', maxlength: 254, autocomplete: 'email', hint: 'We send a link there to confirm it.' })}
        ${extraFields.map((field) => extraField(field, value(`x_${field.key}`)))}
        <fieldset>
          <legend>Plan</legend>
          ${plans.map(
            (plan) => markup`<label class="choice">
            <input type="radio" name="plan" value="${plan.handle}"${plan.handle === chosen ? markup` checked` : undefined} />
            <span>${plan.name}, ${priceOf(plan)}<small>${plan.description} ${
              plan.isDefault ? 'Yours at once.' : 'Somebody looks at your application first.'
            }</small></span>
          </label>`,
          )}
        </fieldset>
        <div class="actions"><button class="main">Apply</button></div>
      </form>
      <p class="soft switch">A partner already? <a href="/oauth/account">Sign in</a></p>`,
  )
}

function priceOf({ monthlyPrice: { amount, currencyCode } }: OfferedPlan): string {
  return Number(amount) === 0 ? 'free' : `${amount} ${currencyCode} a month`
}
