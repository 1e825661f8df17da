import { markup } from '../../kit/markup.ts'
import type { KnownInvitation } from '../sign-up/desk.ts'
import { textField } from './form-fields.ts'
import { page, problem } from './page.ts'

/** Asks whoever is invited for a name. */
export function invitationPage(options: {
  readonly ticket: string
  readonly invitation: KnownInvitation
  readonly name: string
  readonly refusal?: string | undefined
}): string {
  const { ticket, invitation, name, refusal } = options
  return page(
    'Accept the invitation',
    markup`<h1>Join ${invitation.organization.name}</h1>
      <p class="soft">You are invited as ${invitation.role}, with the address ${invitation.email}.</p>
      ${problem(refusal)}
      <form method="post" action="/oauth/invitation">
        <input type="hidden" name="ticket" value="${ticket}" />
        ${textField({ name: 'name', label: 'Your name', value: name, autocomplete: 'name' })}
        <div class="actions"><button class="main">Join</button></div>
      </form>`,
  )
}
