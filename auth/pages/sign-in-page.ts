import { markup } from '../../kit/markup.ts'
import { page, problem } from './page.ts'

/** Asks for e-mail address and password. */
export function signInPage(options: {
  readonly appName: string
  readonly organizationName: string
  readonly csrf: string
  readonly email: string
  readonly refusal?: string | undefined
}): string {
  const { appName, organizationName, csrf, email, refusal } = options
  const title = refusal === undefined ? 'Sign in' : 'Sign in again'
  return page(
    title,
    markup`<h1>Sign in</h1>
      <p class="soft">to go on to <strong>${appName}</strong>, an app of ${organizationName}</p>
      ${problem(refusal)}
      <form method="post">
        <input type="hidden" name="csrf" value="${csrf}" />
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" autocomplete="username" required maxlength="320" value="${email}" />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200" />
        <div class="actions">
          <button class="main" name="action" value="sign-in">Sign in</button>
          <button name="action" value="refuse" formnovalidate>Cancel</button>
        </div>
      </form>`,
  )
}
