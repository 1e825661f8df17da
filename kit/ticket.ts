import { createHmac, timingSafeEqual } from 'node:crypto'

export interface Ticket {
  /** Whom or what it is for: an id, without dots. */
  readonly subject: string
  readonly issuedAt: Date
}

/** How tickets of one purpose are told from those of another that are signed with the same key, and how long they live. */
export interface TicketKind {
  readonly purpose: string
  readonly lifetimeMs: number
}

/** A text for a link: `subject.time.signature`. Whoever has it may do what its purpose says; nothing of it is stored. */
export function issueTicket(key: Uint8Array, { purpose }: TicketKind, { subject, issuedAt }: Ticket): string {
  const claims = `${subject}.${issuedAt.getTime()}`
  return `${claims}.${sign(key, purpose, claims)}`
}

/** What a ticket says; undefined for one that is altered, of another purpose or installation, or too old. */
export function readTicket(key: Uint8Array, kind: TicketKind, { ticket, now }: TicketToRead): Ticket | undefined {
  const [subject = '', time = '', signature = '', ...rest] = ticket.split('.')
  const expected = Buffer.from(sign(key, kind.purpose, `${subject}.${time}`))
  const given = Buffer.from(signature)
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const issuedAt = new Date(Number(time))
  return now.getTime() - issuedAt.getTime() < kind.lifetimeMs ? { subject, issuedAt } : undefined
}

interface TicketToRead {
  readonly ticket: string
  readonly now: Date
}

function sign(key: Uint8Array, purpose: string, claims: string): string {
  return createHmac('sha256', key).update(`${purpose} ticket ${claims}`).digest('base64url')
}
