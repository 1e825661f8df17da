import { type Html, markup } from '../../kit/markup.ts'
import { type AccountFrame, accountPage, csrfField } from './account-page.ts'
import { selectField, textField } from './form-fields.ts'

export const roles = ['ADMIN', 'DEVELOPER', 'SALES', 'FINANCE'] as const
const roleOptions = roles.map((role) => [role, role] as const)

/** Each time that it is sent it gets another version. */
interface Invited {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly version: number
}

/** So often partner mails one invitation. */
const mostMails = 5

interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
}

/** The members of an organization and those who are invited. */
export function membersPage(
  frame: AccountFrame,
  options: {
    readonly members: readonly Person[]
    readonly invitations: readonly Invited[]
    readonly managesMembers: boolean
    readonly refusals: readonly { readonly message: string }[]
    readonly done?: string | undefined
  },
): string {
  const { members, invitations, managesMembers, refusals, done } = options
  const form = (id: string, fields: Html): Html =>
    markup`<form method="post" action="/oauth/account/members">${csrfField(frame.csrf)}<input type="hidden" name="id" value="${id}" />${fields}</form>`
  const actions = ({ id, name, role }: Person): Html | undefined =>
    managesMembers
      ? form(
          id,
          markup`<select name="role" aria-label="Role of ${name}">${roles.map(
            (one) => markup`<option${one === role ? markup` selected` : undefined}>${one}</option>`,
          )}</select>
          <button name="action" value="change-role" aria-label="Change the role of ${name}">Change</button>
          <button name="action" value="remove" aria-label="Remove ${name}">Remove</button>`,
        )
      : undefined
  const body = markup`${done === undefined ? undefined : markup`<p class="done" role="status">${done}</p>`}
    <div class="scroll"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">Change</th></tr></thead>
      <tbody>${members.map(
        (person) =>
          markup`<tr><td>${person.name}</td><td>${person.email}</td><td>${person.role}</td><td>${actions(person)}</td></tr>`,
      )}</tbody>
    </table></div>
    ${
      invitations.length === 0
        ? undefined
        : markup`<h2>Invited</h2><div class="scroll"><table><thead><tr><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">Change</th></tr></thead>
          <tbody>${invitations.map(
            ({ id, email, role, version }) =>
              markup`<tr><td>${email}</td><td>${role}</td><td>${
                managesMembers
                  ? form(
                      id,
                      markup`${version < mostMails ? markup`<button name="action" value="invite-again" aria-label="Send again to ${email}">Send again</button>` : undefined}
                    <button name="action" value="take-back" aria-label="Take back the invitation of ${email}">Take back</button>`,
                    )
                  : undefined
              }</td></tr>`,
          )}</tbody></table></div>`
    }
    ${managesMembers ? inviteForm(frame.csrf) : undefined}`
  return accountPage(frame, { title: 'Members', body, refusals })
}

function inviteForm(csrf: string): Html {
  return markup`<h2>Invite somebody</h2>
    <form method="post" action="/oauth/account/members">
      ${csrfField(csrf)}
      ${textField({ name: 'email', label: 'E-mail address', value: '', type: 'email', maxlength: 254 })}
      ${selectField({ name: 'role', label: 'Role', value: 'DEVELOPER', options: roleOptions })}
      <div class="actions"><button class="main" name="action" value="invite">Send the invitation</button></div>
    </form>`
}
