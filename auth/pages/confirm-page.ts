import { markup } from '../../kit/markup.ts'
import { page } from './page.ts'

/** Asks for the click that proves an e-mail address. */
export function confirmPage(options: {
  readonly ticket: string
  readonly name: string
  readonly email: string
}): string {
  const { ticket, name, email } = options
  return page(
    'Confirm your address',
    markup`<h1>Confirm your address</h1>
      <p>You have applied for <strong>${name}</strong> with the address <strong>${email}</strong>.</p>
      <form method="post" action="/oauth/apply/confirm">
        <input type="hidden" name="ticket" value="${ticket}" />
        <div class="actions"><button class="main">Yes, that was me</button></div>
      </form>
      <p class="soft switch">If it was not you, close this page: nothing happens.</p>`,
  )
}
