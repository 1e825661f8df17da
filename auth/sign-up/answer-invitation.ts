import { mailLink, mailLinks } from '../../kit/mail-links.ts'
import { readTicket } from '../../kit/ticket.ts'
import { invitationPage } from '../pages/invitation-page.ts'
import { messagePage } from '../pages/message-page.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import type { SignUpDesk } from './desk.ts'

/** The page behind the link of an invitation: a name, and the person is a member who chooses a password. */
export async function answerInvitation(
  { desk, ticketKey, now }: { readonly desk: SignUpDesk; readonly ticketKey: Uint8Array; readonly now: () => Date },
  { query, form }: PageRequest,
): Promise<PageAnswer> {
  const ticket = form?.get('ticket') ?? query.get('ticket') ?? ''
  const known = readTicket(ticketKey, mailLinks.invitation, { ticket, now: now() })
  const [id = '', version = ''] = known?.subject.split(':') ?? []
  const invitation = await desk.invitation(id)
  if (invitation?.status !== 'PENDING') {
    const text = 'This link is used, taken back, too old, or not whole. Ask for another invitation.'
    return { status: 400, body: messagePage('This link does not work', text) }
  }
  const show = (status: number, name: string, refusal?: string): PageAnswer => ({
    status,
    body: invitationPage({ ticket, invitation, name, refusal }),
  })
  if (form === null) return show(200, '')
  const name = form.get('name') ?? ''
  const { memberId, refusals } = await desk.accept({ id, version: Number(version), name })
  if (memberId === null) return show(422, name, refusals[0]?.message ?? 'This did not work. Try again.')
  const href = mailLink(ticketKey, 'password', { subject: memberId, issuedAt: now() })
  const text = `You are a member of ${invitation.organization.name} now. Choose a password to sign in with.`
  return { status: 200, body: messagePage('Welcome', text, undefined, { href, label: 'Choose a password' }) }
}
