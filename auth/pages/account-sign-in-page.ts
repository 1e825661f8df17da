import { markup } from '../../kit/markup.ts'
import { csrfField } from './account-page.ts'
import { textField } from './form-fields.ts'
import { page, problem } from './page.ts'

/** Signs a person in on the account pages. */
export function accountSignInPage(options: {
  readonly csrf: string
  readonly email: string
  readonly refusal?: string | undefined
}): string {
  const { csrf, email, refusal } = options
  return page(
    refusal === undefined ? 'Sign in' : 'Sign in again',
    markup`<h1>Sign in</h1>
      <p class="soft">to your organization, its apps and keys</p>
      ${problem(refusal)}
      <form method="post" action="/oauth/account/sign-in">
        ${csrfField(csrf)}
        ${textField({ name: 'email', label: 'E-mail address', value: email, type: 'email', maxlength: 320, autocomplete: 'username' })}
        ${textField({ name: 'password', label: 'Password', value: '', type: 'password', autocomplete: 'current-password' })}
        <div class="actions"><button class="main">Sign in</button></div>
      </form>
      <p class="soft switch"><a href="/oauth/forgotten">Forgotten the password?</a> No partner yet? <a href="/oauth/apply">Apply</a></p>`,
  )
}
