import { describe, expect, it } from 'vitest'
import { mailLink, mailLinks } from '../../kit/mail-links.ts'
import { issueTicket, readTicket } from '../../kit/ticket.ts'

const key = new Uint8Array(32).fill(7)
const kind = { purpose: 'test', lifetimeMs: 1_000 }
const issuedAt = new Date('2026-11-21T12:00:00.000Z')
const ticket = issueTicket(key, kind, { subject: 'mem_1', issuedAt })
const after = (ms: number) => new Date(issuedAt.getTime() + ms)

describe('a ticket', () => {
  it('says for whom it is until its time is over', () => {
    expect(readTicket(key, kind, { ticket, now: after(999) })).toEqual({ subject: 'mem_1', issuedAt })
    expect(readTicket(key, kind, { ticket, now: after(1_000) })).toBeUndefined()
  })

  it('is worthless for another purpose, of another installation, or altered anywhere', () => {
    const now = after(1)
    expect(readTicket(key, { ...kind, purpose: 'other' }, { ticket, now })).toBeUndefined()
    expect(readTicket(new Uint8Array(32), kind, { ticket, now })).toBeUndefined()
    for (let index = 0; index < ticket.length; index += 1) {
      const other = ticket[index] === '1' ? '2' : '1'
      const altered = ticket.slice(0, index) + other + ticket.slice(index + 1)
      expect(readTicket(key, kind, { ticket: altered, now }), altered).toBeUndefined()
    }
    for (const text of ['', '.', '..', `${ticket}.`, `.${ticket}`, ticket.toUpperCase()]) {
      expect(readTicket(key, kind, { ticket: text, now }), text).toBeUndefined()
    }
  })

  it('of one page opens no other', () => {
    const query = mailLink(key, 'confirmation', { subject: 'papp_1', issuedAt }).split('ticket=')[1] ?? ''
    const opens = Object.values(mailLinks).filter((page) => readTicket(key, page, { ticket: query, now: after(1) }))
    expect(opens).toEqual([mailLinks.confirmation])
  })
})
