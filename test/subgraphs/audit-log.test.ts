import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditRetention } from '../../jobs/audit-retention.ts'
import type { Caller } from '../../kit/caller.ts'
import { idPrefixes } from '../../kit/ids.ts'
import { auditedValue } from '../../storage/audited-value.ts'
import { type PartnerUnderTest, application, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let partner: PartnerUnderTest
beforeAll(async () => {
  partner = await startPartner()
})
afterAll(() => partner.stop())

interface Entry {
  readonly id: string
  readonly action: string
  readonly actor: string
  readonly outcome: string
  readonly codes: readonly string[]
  readonly fields: readonly string[]
  readonly events: readonly string[]
  readonly subject: { id: string; type: string } | null
  readonly changes: readonly { subjectId: string; field: string; before: string | null; after: string | null }[]
}
const selection = `id at requestId actorKind actor appId organizationId endUserId credentialId action subject { id type }
  outcome codes fields events changes { subjectId field before after }`

const entries = async (filter: object, as: Caller = operator, first = 250): Promise<Entry[]> => {
  const query = `query ($filter: AuditLogFilter, $first: Int) { auditLog(filter: $filter, first: $first) {
    nodes { ${selection} } } }`
  const { auditLog } = await partner.ask<{ auditLog: { nodes: Entry[] } }>(as, query, { filter, first })
  return auditLog.nodes
}
const suspend = (id: string, key?: string) =>
  partner.mutate(operator, {
    name: 'suspendOrganization',
    entity: 'organization',
    input: { id, reason: 'Unpaid invoices of Mr Secretive' },
    ...(key === undefined ? {} : { key }),
  })

describe('the audit log', () => {
  it('tells who did what to whom, with the states before and after, and no free text', async () => {
    const { id } = await partner.partner('Audited')
    await suspend(id)
    const [entry] = await entries({ subjectId: id, action: 'suspendOrganization' })
    expect(entry).toMatchObject({
      actorKind: 'CALLER',
      actor: operator.appId,
      appId: operator.appId,
      organizationId: operator.organizationId,
      endUserId: null,
      credentialId: operator.credentialId,
      requestId: 'test',
      outcome: 'DONE',
      codes: [],
      subject: { id, type: 'Organization' },
      fields: ['id', 'reason'],
      events: ['organization.suspended'],
    })
    expect(entry?.changes).toContainEqual({ subjectId: id, field: 'status', before: 'APPROVED', after: 'SUSPENDED' })
    expect(entry?.changes.find(({ field }) => field === 'statusReason')).toMatchObject({ before: null, after: null })
    expect(JSON.stringify(entry)).not.toContain('Secretive')
  })

  it('has one entry of a call however often it is repeated, and one of each refusal with its codes', async () => {
    const { id } = await partner.partner('Repeated')
    await suspend(id, 'once')
    await suspend(id, 'once')
    expect(await entries({ subjectId: id, action: 'suspendOrganization' })).toHaveLength(1)
    const { userErrors } = await suspend(id)
    const refused = await entries({ subjectId: id, outcome: 'REFUSED' })
    expect(refused).toMatchObject([
      { action: 'suspendOrganization', codes: userErrors.map(({ code }) => code), changes: [], events: [] },
    ])
  })

  it('has an entry exactly when the mutation was committed, with what it changed', async () => {
    const before = (await entries({}, operator)).length
    await expect(
      partner.mutate(operator, {
        name: 'applyForPartnership',
        entity: 'organization',
        input: application({ applicant: { name: 'X', email: 'no address' } }),
      }),
    ).resolves.toMatchObject({ entity: null })
    const after = await entries({}, operator)
    expect(after).toHaveLength(before + 1)
    expect(after[0]).toMatchObject({ action: 'applyForPartnership', outcome: 'REFUSED', subject: null })
  })

  it('tells a person behind an app', async () => {
    const { id, adminId } = await partner.partner('Person')
    const as = callerOf('northwind', { organizationId: id, endUserId: adminId })
    await partner.mutate(as, {
      name: 'registerApp',
      entity: 'app',
      input: {
        name: 'Audited app',
        environment: 'SANDBOX',
        scopes: ['catalog:read'],
        redirectUris: [],
        clientType: 'CONFIDENTIAL',
      },
    })
    expect(await entries({ actor: adminId })).toMatchObject([
      { action: 'registerApp', actor: adminId, appId: as.appId, endUserId: adminId, subject: { type: 'App' } },
    ])
  })

  it('tells what timers do as what the system does', async () => {
    const { id, adminId } = await partner.partner('Timed')
    const as = callerOf('timed', { organizationId: id, endUserId: adminId })
    await partner.mutate(as, {
      name: 'inviteMember',
      entity: 'invitation',
      fields: 'id',
      input: { email: 'new@timed.example', role: 'DEVELOPER' },
    })
    partner.advanceClock(60 * dayMs)
    await partner.runTimers()
    const expired = await entries({ organizationId: id, action: 'invitation.expired' })
    expect(expired).toMatchObject([{ actorKind: 'SYSTEM', actor: 'system:partner', requestId: null }])
  })

  it('shows partners what they did themselves, and the operator all, by any filter', async () => {
    const { id, adminId } = await partner.partner('Own')
    await suspend(id)
    const own = callerOf('own', { organizationId: id, endUserId: adminId })
    expect(await entries({}, own)).toEqual([])
    expect((await entries({ organizationId: id })).map(({ action }) => action)).toContain('suspendOrganization')
    expect(await entries({ organizationId: operator.organizationId }, own)).toEqual([])
    const now = Date.now() + 61 * dayMs
    expect(await entries({ subjectId: id, from: new Date(now + dayMs).toISOString() })).toEqual([])
    expect(await entries({ subjectId: id, to: new Date(now + dayMs).toISOString() })).not.toEqual([])
    const { errors } = await partner.execute(
      { ...own, scopes: ['partner:read'] },
      '{ auditLog(first: 1) { nodes { id } } }',
    )
    expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')
  })

  it('is cut when entries are older than they are kept, and only then', async () => {
    const all = await partner.connection.collection('audit_entries').countDocuments()
    const cutAfter = (days: number, ahead: number) =>
      auditRetention(partner.connection, { days, now: () => new Date(Date.now() + ahead * dayMs) }).run()
    expect(await cutAfter(400, 399)).toBe(0)
    expect(await cutAfter(400, 470)).toBe(all)
    expect(await entries({})).toEqual([])
  })
})

describe('a value in the audit log', () => {
  it('is told when it is an id, a state, a number, a flag, a moment or an amount', () => {
    const told = ['APPROVED', 'org_01abc', 3, false, '2026-11-21T10:00:00.000Z', '2026-11']
    expect(told.map((value) => auditedValue('field', value))).toEqual(told)
    expect(auditedValue('scopes', ['deals:read', 'deals:write'])).toBe('deals:read deals:write')
    expect(auditedValue('scopes', ['deals:read', 'Ada Boss'])).toBeNull()
    expect(auditedValue('price', { minorUnits: 150, currencyCode: 'EUR' })).toBe('150 EUR')
    expect(auditedValue('dueAt', new Date(0))).toBe('1970-01-01T00:00:00.000Z')
  })

  it('is not told when it is text, or its field is named like a secret', () => {
    for (const value of ['Ada Boss', 'ada@example.com', 'trb_live_abc-def', 'hunter2', { secret: 'x' }, ['x']]) {
      expect(auditedValue('field', value)).toBeNull()
    }
    for (const field of ['secretHash', 'passwordHash', 'accessToken', 'key', 'sealed']) {
      expect(auditedValue(field, 'APPROVED')).toBeNull()
    }
    expect(Object.values(idPrefixes).every((prefix) => auditedValue('field', `${prefix}_01abc`) !== null)).toBe(true)
  })
})
