import type { Refusal } from '../ask-graph.ts'
import { membersPage, roles } from '../pages/members-page.ts'
import type { PageAnswer } from '../web-page.ts'
import type { AccountVisit } from './account-visit.ts'

/** Members and invitations, and what an administrator changes of them. */
export async function answerMembers(visit: AccountVisit): Promise<PageAnswer> {
  const { frame, own, form } = visit
  const outcome = form === null ? { refusals: [] } : await change(visit, form)
  // Whoever has taken off herself is signed out by it.
  if (outcome.done === 'removed' && form?.get('id') === frame.member.memberId) return { to: '/oauth/account/sign-in' }
  const [members, invitations] = await Promise.all([own.members(), own.invitations()])
  const { managesMembers } = own
  const status = outcome.refusals.length > 0 ? 409 : 200
  return { status, body: membersPage(frame, { members, invitations, managesMembers, ...outcome, done: outcome.words }) }
}

interface Outcome {
  readonly refusals: readonly Refusal[]
  readonly done?: 'removed'
  readonly words?: string
}

async function change({ own }: AccountVisit, form: URLSearchParams): Promise<Outcome> {
  const id = form.get('id') ?? ''
  const role = roles.find((one) => one === form.get('role')) ?? 'SALES'
  switch (form.get('action')) {
    case 'invite': {
      const email = form.get('email') ?? ''
      return said(await own.invite({ email, role }), `A mail with a link is on its way to ${email}.`)
    }
    case 'invite-again':
      return said(await own.inviteAgain(id), 'Another mail is on its way; the link of the former one works no longer.')
    case 'take-back':
      return said(await own.revokeInvitation(id), 'The invitation is taken back.')
    case 'change-role':
      return said(await own.changeRole(id, role), 'The role is changed.')
    case 'remove': {
      const refusals = await own.remove(id)
      return refusals.length > 0 ? { refusals } : { refusals, done: 'removed', words: 'The member is removed.' }
    }
    default:
      return { refusals: [] }
  }
}

function said(refusals: readonly Refusal[], words: string): Outcome {
  return refusals.length > 0 ? { refusals } : { refusals, words }
}
