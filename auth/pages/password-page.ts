import { markup } from '../../kit/markup.ts'
import { page, problem } from './page.ts'

/** Asks a member to choose a password. */
export function passwordPage(options: {
  readonly ticket: string
  readonly person: { readonly name: string; readonly email: string; readonly organizationName: string }
  readonly refusal?: string | undefined
}): string {
  const { ticket, person, refusal } = options
  return page(
    'Choose a password',
    markup`<h1>Choose a password</h1>
      <p class="soft">for ${person.name} of <strong>${person.organizationName}</strong></p>
      ${problem(refusal)}
      <form method="post" action="/oauth/password">
        <input type="hidden" name="ticket" value="${ticket}" />
        <label for="email">E-mail address</label>
        <input id="email" type="email" autocomplete="username" readonly value="${person.email}" />
        <label for="password">New password</label>
        <input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="200" aria-describedby="rule" />
        <p class="soft" id="rule">At least 12 characters; several words are easier to keep than signs.</p>
        <label for="again">The same once more</label>
        <input id="again" name="again" type="password" autocomplete="new-password" required maxlength="200" />
        <div class="actions"><button class="main">Set the password</button></div>
      </form>`,
  )
}
