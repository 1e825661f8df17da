import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  organizationStateMachine,
  type OrganizationStatus,
} from '../../subgraphs/partner/organizations/organization-status.ts'
import { type TierSituation, judgeTier } from '../../subgraphs/partner/tiers/judge-tier.ts'
import { type TierThresholds, meets } from '../../subgraphs/partner/tiers/thresholds.ts'
import type { PartnerTier } from '../../subgraphs/partner/tiers/tiers.ts'
import { type PartnerUnderTest, application, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

describe('whatever is done to an organization', () => {
  const commands = {
    approve: ['decideApplication', { decision: 'APPROVE' }, 'APPROVED', ['APPLIED']],
    reject: ['decideApplication', { decision: 'REJECT', reason: 'x' }, 'REJECTED', ['APPLIED']],
    suspend: ['suspendOrganization', { reason: 'x' }, 'SUSPENDED', ['APPROVED']],
    reinstate: ['reinstateOrganization', {}, 'APPROVED', ['SUSPENDED']],
    terminate: ['terminateOrganization', { reason: 'x' }, 'TERMINATED', ['APPROVED', 'SUSPENDED']],
  } as const

  it('its status goes by the table alone, and what is refused changes nothing', async () => {
    const history = fc.array(fc.constantFrom(...(Object.keys(commands) as (keyof typeof commands)[])), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(history, async (names) => {
        const { entity } = await graph.mutate(operator, {
          name: 'applyForPartnership',
          entity: 'organization',
          input: application(),
        })
        let [status, version]: [OrganizationStatus, number] = ['APPLIED', 1]
        for (const command of names) {
          const [name, input, to, from] = commands[command]
          const answer = await graph.mutate<{ status: string; version: number } | null>(operator, {
            name,
            entity: 'organization',
            fields: 'status version',
            input: { id: entity.id, ...input },
          })
          if ((from as readonly string[]).includes(status)) {
            ;[status, version] = [to, version + 1]
            expect(answer).toEqual({ entity: { status, version }, secret: undefined, userErrors: [] })
          } else {
            expect(answer.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
            const [{ message } = { message: '' }] = answer.userErrors
            expect(message).toContain(status)
            for (const next of organizationStateMachine.next(status)) expect(message).toContain(next)
          }
        }
        const { organization } = await graph.ask<{ organization: object }>(
          operator,
          'query ($id: ID!) { organization(id: $id) { status version } }',
          { id: entity.id },
        )
        expect(organization).toEqual({ status, version })
      }),
      { numRuns: 15 },
    )
  })
})

describe('whatever members and developers do at once', () => {
  type Step = readonly ['join' | 'promote' | 'demote' | 'leave' | 'key' | 'revoke', number]
  const step = fc.tuple(
    fc.constantFrom('join', 'promote', 'demote', 'leave', 'key', 'revoke'),
    fc.nat(7),
  ) as fc.Arbitrary<Step>

  it('an administrator is left and an app has five live keys at most', async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), async (rounds) => {
        runs += 1
        const run = runs
        const { id, adminId } = await graph.partner('History')
        const caller = callerOf('any', { organizationId: id })
        const { entity: app } = await graph.mutate(caller, {
          name: 'registerApp',
          entity: 'app',
          input: { name: 'History', environment: 'SANDBOX', scopes: ['catalog:read'] },
        })
        const members = [adminId]
        const keys: string[] = []
        const call = (name: string, entity: string, input: object, more: { secret?: string; fields?: string } = {}) =>
          graph.mutate<{ id: string } | null>(caller, { name, entity, fields: 'id', input, ...more })
        const play = async ([command, pick]: Step, index: string): Promise<void> => {
          const memberId = members[pick % members.length]
          switch (command) {
            case 'join': {
              const email = `m${index}@history-${run}.example`
              const invited = await call('inviteMember', 'invitation', { email, role: 'SALES' }, { secret: 'token' })
              const joined = await call('acceptInvitation', 'member', { token: invited.secret, name: 'M' })
              if (joined.entity) members.push(joined.entity.id)
              return
            }
            case 'promote':
              await call('changeMemberRole', 'member', { id: memberId, role: 'ADMIN' })
              return
            case 'demote':
              await call('changeMemberRole', 'member', { id: memberId, role: 'SALES' })
              return
            case 'leave':
              await call('deactivateMember', 'member', { id: memberId })
              return
            case 'key': {
              const made = await call('createAppCredential', 'appCredential', { appId: app.id, label: 'k' })
              if (made.entity) keys.push(made.entity.id)
              return
            }
            case 'revoke':
              if (keys.length > 0) await call('revokeAppCredential', 'appCredential', { id: keys[pick % keys.length] })
          }
        }
        for (const [round, steps] of rounds.entries()) {
          await Promise.all(steps.map((one, index) => play(one, `${round}-${index}`)))
          const seen = await graph.ask<{
            members: { totalCount: number }
            app: { credentials: { status: string }[] }
          }>(
            caller,
            'query ($id: ID!) { members(role: ADMIN, status: ACTIVE) { totalCount } app(id: $id) { credentials { status } } }',
            { id: app.id },
          )
          expect(seen.members.totalCount).toBeGreaterThanOrEqual(1)
          expect(seen.app.credentials.filter(({ status }) => status === 'ACTIVE').length).toBeLessThanOrEqual(5)
        }
      }),
      { numRuns: 12 },
    )
  })
})

describe('the evaluation of tiers', () => {
  const currencies = ['EUR', 'USD', 'JPY'] as const
  const amounts = (min: number) =>
    fc
      .uniqueArray(fc.constantFrom(...currencies), { maxLength: 3 })
      .chain((codes) =>
        fc.tuple(
          ...codes.map((currencyCode) =>
            fc.integer({ min, max: 1_000_000 }).map((minorUnits) => ({ currencyCode, minorUnits })),
          ),
        ),
      )
  const thresholds: fc.Arbitrary<TierThresholds> = fc.record({
    wonRevenue: amounts(1),
    wonDeals: fc.option(fc.integer({ min: 1, max: 9 })),
    certifiedMembers: fc.option(fc.integer({ min: 1, max: 4 })),
  })
  const facts = fc.record({ wonRevenue: amounts(0), wonDeals: fc.nat(12), certifiedMembers: fc.nat(5) })
  const now = new Date('2026-11-21T12:00:00Z')
  const around = fc.integer({ min: -30, max: 30 }).map((days) => new Date(now.getTime() + days * dayMs))
  const situation: fc.Arbitrary<TierSituation> = fc
    .array(fc.tuple(thresholds, fc.constantFrom('AUTOMATIC', 'ON_APPROVAL', 'MANUAL'), fc.nat(40)), { maxLength: 5 })
    .chain((rows) => {
      const ladder = rows.map(([needs, assignment, graceDays], index): PartnerTier => ({
        _id: `tier_${index}`,
        name: `Tier ${index}`,
        level: index + 1,
        benefits: [],
        thresholds: needs,
        assignment,
        graceDays,
        version: 1,
      }))
      const tierId = fc.constantFrom(null, ...ladder.map(({ _id }) => _id))
      return fc.record({
        ladder: fc.constant(ladder),
        tierId,
        facts,
        graceEndsAt: fc.option(around),
        heldUntil: fc.option(around),
        declined: fc.option(fc.record({ tierId: fc.constantFrom('tier_0', 'tier_1', 'tier_4'), until: around })),
        now: fc.constant(now),
      })
    })

  it('moves up only to what is reached, down only after the grace, never against the operator’s hand', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { ladder, tierId, heldUntil } = given
        const verdict = judgeTier(given)
        const tierOf = (id: string | null) => ladder.find(({ _id }) => _id === id)
        const current = tierOf(tierId)
        const target = tierOf(verdict.assign ?? verdict.propose?.tierId ?? null)
        if (heldUntil !== null && heldUntil > now) expect(target).toBeUndefined()
        if (target === undefined) return
        if (target.level > (current?.level ?? 0)) {
          expect(target.assignment).not.toBe('MANUAL')
          expect(meets(target.thresholds, given.facts)).toBe(true)
          return
        }
        expect(target).not.toBe(current)
        expect(current?.assignment).not.toBe('MANUAL')
        expect(current && meets(current.thresholds, given.facts)).toBe(false)
        const grace = given.graceEndsAt ?? new Date(now.getTime() + (current?.graceDays ?? 0) * dayMs)
        expect(grace.getTime()).toBeLessThanOrEqual(now.getTime())
      }),
      { numRuns: 2_000 },
    )
  })

  it('comes to rest: what it has assigned it does not move again', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const verdict = judgeTier(given)
        if (verdict.assign === null) return
        const next = judgeTier({ ...given, tierId: verdict.assign, graceEndsAt: verdict.graceEndsAt })
        expect(next.assign).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  it('never takes a threshold for reached and then, with more of everything, not', () => {
    fc.assert(
      fc.property(thresholds, facts, fc.nat(1_000), (needs, has, more) => {
        if (!meets(needs, has)) return
        const richer = {
          wonDeals: has.wonDeals + 1,
          certifiedMembers: has.certifiedMembers + 1,
          wonRevenue: has.wonRevenue.map((money) => ({ ...money, minorUnits: money.minorUnits + more })),
        }
        expect(meets(needs, richer)).toBe(true)
      }),
    )
  })
})

describe('a partner’s first day', () => {
  it('reads nothing without an index', async () => {
    const scans = await graph.scansOf(async () => {
      const { id, adminId } = await graph.partner('First day')
      const caller = callerOf('any', { organizationId: id })
      const call = (name: string, entity: string, input: object, more: { secret?: string; key?: string } = {}) =>
        graph.mutate(caller, { name, entity, fields: 'id', input, ...more })
      const invited = await call(
        'inviteMember',
        'invitation',
        { email: 'new@first-day.example', role: 'ADMIN' },
        { secret: 'token', key: 'invite' },
      )
      await call('resendInvitation', 'invitation', { id: invited.entity.id })
      const { secret: token, entity: again } = await call(
        'resendInvitation',
        'invitation',
        { id: invited.entity.id },
        { secret: 'token' },
      )
      expect(again.id).toBe(invited.entity.id)
      await call('acceptInvitation', 'member', { token, name: 'New' })
      await call('changeMemberRole', 'member', { id: adminId, role: 'SALES' })
      const app = await call('registerApp', 'app', { name: 'Shop', environment: 'LIVE', scopes: ['catalog:read'] })
      const made = await call('createAppCredential', 'appCredential', { appId: app.entity.id, label: 'Server' })
      const consent = await call('recordConsent', 'consent', {
        memberId: adminId,
        appId: app.entity.id,
        scopes: ['catalog:read'],
      })
      await call('revokeConsent', 'consent', { id: consent.entity.id })
      await call('revokeAppCredential', 'appCredential', { id: made.entity.id })
      await call('updateOrganization', 'organization', { name: 'Second day' })
      await call('revokeApp', 'app', { id: app.entity.id })
      await graph.mutate(operator, {
        name: 'grantCertification',
        entity: 'certification',
        input: { organizationId: id, memberId: adminId, code: 'SRV-PRO', title: 'Server' },
      })
      await graph.react({
        type: 'deal.won',
        subject: 'deal_first_day',
        data: { organizationId: id, valueMinorUnits: 1_00, currencyCode: 'EUR' },
      })
      await graph.runTimers()
      await graph.mutate(operator, {
        name: 'terminateOrganization',
        entity: 'organization',
        input: { id, reason: 'x' },
      })
    })
    expect(scans).toEqual([])
  })
})
