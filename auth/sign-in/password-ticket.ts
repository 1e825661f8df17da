import { isIdOf } from '../../kit/ids.ts'
import { mailLinks } from '../../kit/mail-links.ts'
import { issueTicket, readTicket } from '../../kit/ticket.ts'

export interface PasswordTicket {
  readonly memberId: string
  /** A password that was set since makes the ticket worthless, so that it works once. */
  readonly issuedAt: Date
}

/** A text that lets its bearer choose a member's password for three days, signed with a key of the installation. */
export function issuePasswordTicket(key: Uint8Array, { memberId, issuedAt }: PasswordTicket): string {
  return issueTicket(key, mailLinks.password, { subject: memberId, issuedAt })
}

/** What a ticket says; undefined for one that is altered, of another installation, or too old. */
export function readPasswordTicket(key: Uint8Array, ticket: string, now: Date): PasswordTicket | undefined {
  const read = readTicket(key, mailLinks.password, { ticket, now })
  return read && isIdOf('Member', read.subject) ? { memberId: read.subject, issuedAt: read.issuedAt } : undefined
}
