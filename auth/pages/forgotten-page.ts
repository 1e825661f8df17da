import { markup } from '../../kit/markup.ts'
import { textField } from './form-fields.ts'
import { page, problem } from './page.ts'

/** Asks for the address of somebody who has forgotten the password. */
export function forgottenPage(options: {
  readonly csrf: string
  readonly email: string
  readonly refusal?: string | undefined
}): string {
  const { csrf, email, refusal } = options
  return page(
    'Choose a new password',
    markup`<h1>Choose a new password</h1>
      <p class="soft">We send a link to your address.</p>
      ${problem(refusal)}
      <form method="post" action="/oauth/forgotten">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${textField({ name: 'email', label: 'E-mail address', value: email, type: 'email', maxlength: 254, autocomplete: 'username' })}
        <div class="actions"><button class="main">Send the link</button></div>
      </form>`,
  )
}
