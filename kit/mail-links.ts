import { type TicketKind, issueTicket } from './ticket.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The links that mails hold: which page they lead to, and what the page takes them for. */
export const mailLinks = {
  confirmation: { path: '/oauth/apply/confirm', purpose: 'confirmation', lifetimeMs: 3 * dayMs },
  password: { path: '/oauth/password', purpose: 'password', lifetimeMs: 3 * dayMs },
  // How long an invitation lasts is said by the invitation itself.
  invitation: { path: '/oauth/invitation', purpose: 'invitation', lifetimeMs: 31 * dayMs },
} as const satisfies Readonly<Record<string, TicketKind & { readonly path: string }>>

export type MailLink = keyof typeof mailLinks

/** The path and query of a link for a subject. */
export function mailLink(key: Uint8Array, link: MailLink, ticket: { subject: string; issuedAt: Date }): string {
  return `${mailLinks[link].path}?ticket=${issueTicket(key, mailLinks[link], ticket)}`
}
