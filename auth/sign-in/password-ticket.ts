import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIdOf } from '../../kit/ids.ts'

const lifetimeMs = 3 * 24 * 60 * 60 * 1000

export interface PasswordTicket {
  readonly memberId: string
  /** A password that was set since makes the ticket worthless, so that it works once. */
  readonly issuedAt: Date
}

/** A text that lets its bearer choose a member's password for three days, signed with a key of the installation. */
export function issuePasswordTicket(key: Uint8Array, { memberId, issuedAt }: PasswordTicket): string {
  const claims = `${memberId}.${issuedAt.getTime()}`
  return `${claims}.${sign(key, claims)}`
}

/** What a ticket says; undefined for one that is altered, of another installation, or too old. */
export function readPasswordTicket(key: Uint8Array, ticket: string, now: Date): PasswordTicket | undefined {
  const [memberId = '', time = '', signature = '', ...rest] = ticket.split('.')
  const expected = Buffer.from(sign(key, `${memberId}.${time}`))
  const given = Buffer.from(signature)
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const issuedAt = new Date(Number(time))
  const age = now.getTime() - issuedAt.getTime()
  return isIdOf('Member', memberId) && age < lifetimeMs ? { memberId, issuedAt } : undefined
}

function sign(key: Uint8Array, claims: string): string {
  return createHmac('sha256', key).update(`password ticket ${claims}`).digest('base64url')
}
