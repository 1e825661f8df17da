import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type PartnerUnderTest, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

const member = { entity: 'member', fields: 'id name email role status version' }
const invitation = { entity: 'invitation', fields: 'id email role status version expiresAt', secret: 'token' }

interface Member {
  readonly id: string
  readonly role: string
  readonly status: string
}
interface Invitation {
  readonly id: string
  readonly status: string
  readonly version: number
}

const callerFor = (id: string, fields: object = {}) => callerOf('any', { organizationId: id, ...fields })

async function join(organizationId: string, email: string, role = 'SALES'): Promise<Member> {
  const caller = callerFor(organizationId)
  const { secret } = await graph.mutate(caller, { name: 'inviteMember', ...invitation, input: { email, role } })
  const input = { token: secret, name: email.split('@')[0] }
  return (await graph.mutate<Member>(caller, { name: 'acceptInvitation', ...member, input })).entity
}

describe('members', () => {
  it('never lose their last administrator, however many leave at once', async () => {
    const { id, adminId } = await graph.partner()
    const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h']
    const others = await Promise.all(names.map((name) => join(id, `${name}@last.example`, 'ADMIN')))
    const caller = callerFor(id)
    const answers = await Promise.all(
      [adminId, ...others.map((other) => other.id)].map((memberId, index) =>
        index === 0
          ? graph.mutate(caller, { name: 'deactivateMember', ...member, input: { id: memberId } })
          : graph.mutate(caller, { name: 'changeMemberRole', ...member, input: { id: memberId, role: 'SALES' } }),
      ),
    )
    expect(answers.filter(({ userErrors }) => userErrors.length > 0)).toHaveLength(1)
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(['LAST_ADMIN'])
    const { members } = await graph.ask<{ members: { totalCount: number } }>(
      caller,
      '{ members(role: ADMIN, status: ACTIVE) { totalCount } }',
    )
    expect(members.totalCount).toBe(1)
  })

  it('are deactivated for good, and come back by an invitation', async () => {
    const { id } = await graph.partner()
    const caller = callerFor(id)
    const first = await join(id, 'back@again.example')
    await graph.mutate(caller, { name: 'deactivateMember', ...member, input: { id: first.id } })
    const again = await graph.mutate(caller, { name: 'deactivateMember', ...member, input: { id: first.id } })
    expect(again.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    const second = await join(id, 'back@again.example')
    expect(second.id).not.toBe(first.id)
  })

  it('may do what their role allows, when an app acts for them', async () => {
    const { id, adminId } = await graph.partner()
    const seller = await join(id, 'seller@roles.example')
    const input = { email: 'new@roles.example', role: 'SALES' }
    const asSeller = callerFor(id, { endUserId: seller.id })
    expect((await graph.mutate(asSeller, { name: 'inviteMember', ...invitation, input })).userErrors).toMatchObject([
      { code: 'ROLE_REQUIRED' },
    ])
    const asAdmin = callerFor(id, { endUserId: adminId })
    expect((await graph.mutate(asAdmin, { name: 'inviteMember', ...invitation, input })).userErrors).toEqual([])
  })

  it('of another organization are unknown', async () => {
    const { adminId } = await graph.partner()
    const { id } = await graph.partner()
    const { userErrors } = await graph.mutate(callerFor(id), {
      name: 'deactivateMember',
      ...member,
      input: { id: adminId },
    })
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    const { members } = await graph.ask<{ members: { totalCount: number } }>(
      callerFor(id),
      'query ($of: ID) { members(organizationId: $of) { totalCount } }',
      { of: seededId('Organization', 'northwind') },
    )
    expect(members.totalCount).toBe(0)
  })
})

describe('an invitation', () => {
  it('shows its token once, to whoever repeats the key too, and stores no token', async () => {
    const { id } = await graph.partner()
    const caller = callerFor(id)
    const invite = (key: string) =>
      graph.mutate<Invitation>(caller, {
        name: 'inviteMember',
        ...invitation,
        input: { email: 'Once@Token.example', role: 'DEVELOPER' },
        key,
      })
    const answers = await Promise.all(Array.from({ length: 5 }, () => invite('invite-once')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    const token = answers[0]?.secret ?? ''
    expect(token).toMatch(/^trb_invite_[\w-]{43}$/)
    expect(answers[0]?.entity).toMatchObject({ email: 'once@token.example', status: 'PENDING' })
    for (const { name } of await graph.connection.listCollections()) {
      const stored = JSON.stringify(await graph.connection.collection(name).find({}).toArray())
      expect(stored, name).not.toContain(token)
    }
    expect((await invite('another-key')).userErrors).toMatchObject([{ code: 'INVITATION_PENDING' }])
  })

  it('is accepted once of ten times at once', async () => {
    const { id } = await graph.partner()
    const caller = callerFor(id)
    const { secret } = await graph.mutate(caller, {
      name: 'inviteMember',
      ...invitation,
      input: { email: 'ten@times.example', role: 'SALES' },
    })
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        graph.mutate(caller, { name: 'acceptInvitation', ...member, input: { token: secret, name: 'Ten' } }),
      ),
    )
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    const other = await graph.partner()
    const stolen = await graph.mutate(callerFor(other.id), {
      name: 'acceptInvitation',
      ...member,
      input: { token: secret, name: 'Thief' },
    })
    expect(stolen.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })

  it('expires once by time, however many processes look, and can be sent again', async () => {
    const { id } = await graph.partner()
    const caller = callerFor(id)
    const { entity, secret } = await graph.mutate<Invitation>(caller, {
      name: 'inviteMember',
      ...invitation,
      input: { email: 'late@time.example', role: 'SALES', days: 2 },
    })
    graph.advanceClock(2 * dayMs + 1)
    const accept = (token: string | null | undefined) =>
      graph.mutate(caller, { name: 'acceptInvitation', ...member, input: { token, name: 'Late' } })
    expect((await accept(secret)).userErrors).toMatchObject([{ code: 'INVITATION_EXPIRED' }])
    await Promise.all([graph.runTimers(), graph.runTimers(), graph.runTimers()])
    const expired = (await graph.events('invitation.expired')).filter(({ subject }) => subject === entity.id)
    expect(expired).toHaveLength(1)
    expect((await accept(secret)).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    const resent = await graph.mutate<Invitation>(caller, {
      name: 'resendInvitation',
      ...invitation,
      input: { id: entity.id },
    })
    expect(resent.entity).toMatchObject({ status: 'PENDING' })
    expect((await accept(secret)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await accept(resent.secret)).userErrors).toEqual([])
    graph.advanceClock(-(2 * dayMs + 1))
  })

  it('no longer works when it was revoked or its organization was suspended', async () => {
    const { id } = await graph.partner()
    const caller = callerFor(id)
    const invite = (email: string) =>
      graph.mutate<Invitation>(caller, { name: 'inviteMember', ...invitation, input: { email, role: 'SALES' } })
    const revoked = await invite('revoked@end.example')
    const { userErrors } = await graph.mutate(caller, {
      name: 'revokeInvitation',
      entity: 'invitation',
      input: { id: revoked.entity.id, expectedVersion: 1 },
    })
    expect(userErrors).toEqual([])
    const accept = (token: string | null | undefined) =>
      graph.mutate(caller, { name: 'acceptInvitation', ...member, input: { token, name: 'X' } })
    expect((await accept(revoked.secret)).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    const pending = await invite('suspended@end.example')
    await graph.mutate(operator, { name: 'suspendOrganization', entity: 'organization', input: { id, reason: 'x' } })
    expect((await accept(pending.secret)).userErrors).toMatchObject([{ code: 'ORGANIZATION_NOT_ACTIVE' }])
  })
})

describe('lists of people', () => {
  it('go by an index with every filter, for partners and the operator', async () => {
    const northwind = callerOf('northwind')
    const scans = await graph.scansOf(async () => {
      for (const caller of [northwind, operator]) {
        for (const args of [
          'role: ADMIN',
          'status: ACTIVE',
          'search: "ada"',
          'search: "an", role: SALES',
          'first: 3',
        ]) {
          await graph.ask(caller, `{ members(${args}) { totalCount nodes { id } } }`)
        }
        for (const args of ['first: 5', 'status: PENDING']) {
          await graph.ask(caller, `{ invitations(${args}) { totalCount nodes { id organization { name } } } }`)
        }
        await graph.ask(
          caller,
          `{ organizations(first: 3) { nodes { members(role: SALES, first: 2) { totalCount nodes { name extraFields { key value } } }
               invitations(status: PENDING) { totalCount nodes { email } } } } }`,
        )
      }
      await graph.runTimers()
    })
    expect(scans).toEqual([])
  })
})
