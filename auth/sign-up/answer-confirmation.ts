import { mailLink, mailLinks } from '../../kit/mail-links.ts'
import { readTicket } from '../../kit/ticket.ts'
import { confirmPage } from '../pages/confirm-page.ts'
import { messagePage } from '../pages/message-page.ts'
import type { PageAnswer, PageRequest } from '../web-page.ts'
import type { KnownApplication, SignUpDesk } from './desk.ts'

const used = 'This address is confirmed already. What comes next is in the mail that you have got since.'

/**
 * The page behind the link of the first mail. Opening it changes nothing, because mailboxes open links to look for
 * harm; its button does.
 */
export async function answerConfirmation(
  { desk, ticketKey, now }: { readonly desk: SignUpDesk; readonly ticketKey: Uint8Array; readonly now: () => Date },
  { query, form }: PageRequest,
): Promise<PageAnswer> {
  const ticket = form?.get('ticket') ?? query.get('ticket') ?? ''
  const known = readTicket(ticketKey, mailLinks.confirmation, { ticket, now: now() })
  const application = known ? await desk.application(known.subject) : null
  if (application === null) {
    const text = 'This link is too old, or not whole. Apply again to get another.'
    const next = { href: '/oauth/apply', label: 'Apply again' }
    return { status: 400, body: messagePage('This link does not work', text, undefined, next) }
  }
  if (application.status !== 'UNCONFIRMED') return { status: 200, body: messagePage('Nothing left to do here', used) }
  if (form === null) {
    return { status: 200, body: confirmPage({ ticket, name: application.name, email: application.applicantEmail }) }
  }
  return confirm({ desk, ticketKey, now }, application)
}

async function confirm(
  { desk, ticketKey, now }: { readonly desk: SignUpDesk; readonly ticketKey: Uint8Array; readonly now: () => Date },
  { id, planHandle }: KnownApplication,
): Promise<PageAnswer> {
  const plan = (await desk.plans()).find(({ handle }) => handle === planHandle)
  // A plan that was taken off offer meanwhile is for somebody to look at.
  const input = { id, planName: plan?.name ?? planHandle, approve: plan?.isDefault === true }
  const [refusal] = await desk.confirm(input)
  if (refusal?.code === 'ALREADY_REGISTERED') {
    const next = { href: '/oauth/account', label: 'Sign in' }
    return { status: 409, body: messagePage('You have an account already', refusal.message, undefined, next) }
  }
  // Somebody has pressed the button in two windows: the other one has done it.
  if (refusal !== undefined) return { status: 409, body: messagePage('Nothing left to do here', used) }
  const confirmed = await desk.application(id)
  const admin = confirmed?.organization?.members.nodes[0]
  if (confirmed?.status !== 'APPROVED' || admin === undefined) {
    const text = `Somebody looks at the application of ${confirmed?.name ?? 'your company'} now. You get a mail when it is decided.`
    return { status: 200, body: messagePage('Your address is confirmed', text) }
  }
  const href = mailLink(ticketKey, 'password', { subject: admin.id, issuedAt: now() })
  const text = `${confirmed.name} is a partner now. Choose a password to sign in with.`
  const next = { href, label: 'Choose a password' }
  return { status: 200, body: messagePage('Welcome', text, 'The same link is in a mail to you, for later.', next) }
}
