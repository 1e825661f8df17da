import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type PartnerUnderTest, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
  await graph.runTimers()
})
afterAll(() => graph?.stop())

const tier = (slug: string) => seededId('PartnerTier', slug)

interface Standing {
  readonly tier: { readonly name: string }
  readonly tierStanding: {
    readonly wonDeals: number
    readonly wonRevenue: readonly { readonly amount: string; readonly currencyCode: string }[]
    readonly certifiedMembers: number
    readonly reachedTier: { readonly name: string } | null
    readonly graceEndsAt: string | null
    readonly heldUntil: string | null
  }
}

async function standingOf(id: string): Promise<Standing> {
  const { organization } = await graph.ask<{ organization: Standing }>(
    operator,
    `query ($id: ID!) { organization(id: $id) { tier { name } tierStanding {
       wonDeals wonRevenue { amount currencyCode } certifiedMembers reachedTier { name } graceEndsAt heldUntil } } }`,
    { id },
  )
  return organization
}

let deals = 0
async function win(organizationId: string, euros: number, currencyCode = 'EUR'): Promise<string> {
  deals += 1
  const subject = `deal_test${deals}`
  await graph.react({
    type: 'deal.won',
    subject,
    data: { organizationId, valueMinorUnits: euros * 100, currencyCode, state: 'WON' },
  })
  return subject
}

const certify = (organizationId: string, memberId: string, input: object = {}) =>
  graph.mutate(operator, {
    name: 'grantCertification',
    entity: 'certification',
    fields: 'id status version',
    input: { organizationId, memberId, code: 'SRV-PRO', title: 'Server Professional', ...input },
  })

const proposalsOf = async (organizationId: string, status = 'PENDING') => {
  const { tierProposals } = await graph.ask<{
    tierProposals: { nodes: { id: string; kind: string; to: { name: string }; version: number }[] }
  }>(
    operator,
    `query ($organizationId: ID, $status: TierProposalStatus) { tierProposals(organizationId: $organizationId, status: $status) {
       nodes { id kind version to { name } } } }`,
    { organizationId, status },
  )
  return tierProposals.nodes
}

const decide = (id: string, decision: string) =>
  graph.mutate(operator, {
    name: 'decideTierProposal',
    entity: 'tierProposal',
    fields: 'id status version',
    input: { id, decision },
  })

/** A partner who has reached Silver. */
async function silver() {
  const partner = await graph.partner()
  await certify(partner.id, partner.adminId)
  const first = await win(partner.id, 60_000)
  await win(partner.id, 60_000)
  await graph.runTimers()
  return { ...partner, first }
}

/** A partner in Silver who has reached Gold since the last evaluation. */
async function nearlyGold(): Promise<string> {
  const { id } = await silver()
  const caller = callerOf('any', { organizationId: id })
  const email = `second@${id.slice(4)}.example`
  const invited = await graph.mutate(caller, {
    name: 'inviteMember',
    entity: 'invitation',
    secret: 'token',
    input: { email, role: 'SALES' },
  })
  const second = await graph.mutate(caller, {
    name: 'acceptInvitation',
    entity: 'member',
    input: { token: invited.secret, name: 'Second' },
  })
  await certify(id, second.entity.id)
  for (const worth of [150_000, 150_000]) await win(id, worth)
  return id
}

describe('the demo', () => {
  it('has a partner who is proposed for Gold and one who may lose it', async () => {
    expect(await proposalsOf(seededId('Organization', 'baltica'))).toMatchObject([
      { kind: 'PROMOTION', to: { name: 'Gold' } },
    ])
    expect(await standingOf(seededId('Organization', 'rhone'))).toMatchObject({
      tier: { name: 'Gold' },
      tierStanding: { graceEndsAt: expect.any(String) as string },
    })
    expect(await standingOf(seededId('Organization', 'northwind'))).toMatchObject({
      tier: { name: 'Gold' },
      tierStanding: { graceEndsAt: null, reachedTier: { name: 'Gold' } },
    })
  })
})

describe('a tier', () => {
  it('is given by itself once won deals and certifications reach its thresholds, and both are told', async () => {
    const { id } = await silver()
    expect(await standingOf(id)).toMatchObject({
      tier: { name: 'Silver' },
      tierStanding: {
        wonDeals: 2,
        wonRevenue: [{ amount: '120000.00', currencyCode: 'EUR' }],
        certifiedMembers: 1,
        reachedTier: { name: 'Silver' },
      },
    })
    const told = (await graph.events('organization.changed', 'organization.tier_changed')).filter(
      ({ subject }) => subject === id,
    )
    expect(told.map(({ data }) => data['tierId'])).toEqual([tier('silver'), tier('silver')])
  })

  it('counts revenue of several currencies by its share of each threshold', async () => {
    const { id, adminId } = await graph.partner()
    await certify(id, adminId)
    await win(id, 50_000)
    await win(id, 54_999, 'USD')
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Registered' } })
    await win(id, 1, 'USD')
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Silver' } })
  })

  it('is lost only after the time of grace, and kept when the thresholds are reached again', async () => {
    const { id, first } = await silver()
    await graph.react({
      type: 'deal.reopened',
      subject: first,
      data: { organizationId: id, valueMinorUnits: 6_000_000, currencyCode: 'EUR' },
    })
    await graph.runTimers()
    const atRisk = await standingOf(id)
    expect(atRisk).toMatchObject({ tier: { name: 'Silver' }, tierStanding: { wonDeals: 1 } })
    expect(atRisk.tierStanding.graceEndsAt).not.toBeNull()
    await win(id, 60_000)
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tierStanding: { graceEndsAt: null } })
    const again = (await graph.events('organization.tier_at_risk', 'organization.tier_kept')).filter(
      ({ subject }) => subject === id,
    )
    expect(again.map(({ type }) => type)).toEqual(['organization.tier_at_risk', 'organization.tier_kept'])
  })

  it('is lost by time alone when deals are a year old and the grace is over', async () => {
    const { id } = await silver()
    graph.advanceClock(366 * dayMs)
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Silver' }, tierStanding: { wonDeals: 0 } })
    graph.advanceClock(91 * dayMs)
    await Promise.all([graph.runTimers(), graph.runTimers()])
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Registered' }, tierStanding: { graceEndsAt: null } })
    graph.advanceClock(-457 * dayMs)
  })

  it('of which approval is asked is proposed once, however often it is evaluated, and given when accepted', async () => {
    const id = await nearlyGold()
    await Promise.all([graph.runTimers(), graph.runTimers(), graph.runTimers()])
    const [proposal, ...others] = await proposalsOf(id)
    expect(proposal).toMatchObject({ kind: 'PROMOTION', to: { name: 'Gold' } })
    expect(others).toEqual([])
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Silver' } })
    const answers = await Promise.all([decide(proposal?.id ?? '', 'ACCEPT'), decide(proposal?.id ?? '', 'ACCEPT')])
    expect(answers.flatMap(({ userErrors }) => userErrors)).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Gold' } })
  })

  it('that was declined is not proposed again for 90 days', async () => {
    const id = await nearlyGold()
    await graph.runTimers()
    const [proposal] = await proposalsOf(id)
    expect(await decide(proposal?.id ?? '', 'DECLINE')).toMatchObject({ entity: { status: 'DECLINED' } })
    await win(id, 10_000)
    await graph.runTimers()
    expect(await proposalsOf(id)).toEqual([])
    graph.advanceClock(91 * dayMs)
    await graph.runTimers()
    expect(await proposalsOf(id)).toMatchObject([{ kind: 'PROMOTION', to: { name: 'Gold' } }])
    graph.advanceClock(-91 * dayMs)
  })

  it('that the operator assigns is held for as long as it says', async () => {
    const { id } = await graph.partner()
    const assign = (input: object) =>
      graph.mutate(operator, {
        name: 'assignTier',
        entity: 'organization',
        fields: 'id version tier { name }',
        input: { organizationId: id, tierId: tier('silver'), ...input },
      })
    const holdUntil = new Date(Date.now() + 30 * dayMs).toISOString()
    expect(await assign({ holdUntil })).toMatchObject({ entity: { tier: { name: 'Silver' } }, userErrors: [] })
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({
      tier: { name: 'Silver' },
      tierStanding: { graceEndsAt: null, heldUntil: holdUntil },
    })
    graph.advanceClock(31 * dayMs)
    await graph.runTimers()
    const after = await standingOf(id)
    expect(after).toMatchObject({ tier: { name: 'Silver' }, tierStanding: { heldUntil: null } })
    expect(after.tierStanding.graceEndsAt).not.toBeNull()
    graph.advanceClock(-31 * dayMs)
    expect((await assign({ tierId: 'tier_none' })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await assign({ expectedVersion: 99 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
  })

  it('hears an event of a deal once, and never out of turn', async () => {
    const { id } = await graph.partner()
    const data = { organizationId: id, valueMinorUnits: 100_00, currencyCode: 'EUR' }
    const won = { type: 'deal.won', subject: 'deal_turns', data, id: 'evt_won1', time: new Date(Date.now() - 2_000) }
    const reopened = { ...won, type: 'deal.reopened', id: 'evt_reopened1', time: new Date(Date.now() - 1_000) }
    for (const event of [won, won, reopened, won]) await graph.react(event)
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tierStanding: { wonDeals: 0 } })
  })
})

describe('the programme', () => {
  it('has everybody evaluated anew when a tier changes', async () => {
    const { id } = await graph.partner()
    const { entity, userErrors } = await graph.mutate<{ id: string; version: number }>(operator, {
      name: 'createPartnerTier',
      entity: 'partnerTier',
      fields: 'id version thresholds { wonDeals wonRevenue { amount } }',
      input: {
        name: 'Bronze',
        level: 10,
        benefits: ['A badge'],
        assignment: 'AUTOMATIC',
        graceDays: 0,
        thresholds: { wonDeals: 1, wonRevenue: [{ amount: '1000.50', currencyCode: 'EUR' }] },
      },
    })
    expect(userErrors).toEqual([])
    await win(id, 2_000)
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Bronze' } })
    const update = (thresholds: object) =>
      graph.mutate(operator, { name: 'updatePartnerTier', entity: 'partnerTier', input: { id: entity.id, thresholds } })
    await update({ wonDeals: 1_000 })
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tier: { name: 'Registered' } })
    expect((await update({ wonRevenue: [{ amount: '0', currencyCode: 'EUR' }] })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT' },
    ])
    await graph.mutate(operator, {
      name: 'updatePartnerTier',
      entity: 'partnerTier',
      input: { id: entity.id, assignment: 'MANUAL' },
    })
  })

  it('has one tier per level, and is listed by an index', async () => {
    const input = { name: 'Twin', level: 2, benefits: [] }
    const { userErrors } = await graph.mutate(operator, { name: 'createPartnerTier', entity: 'partnerTier', input })
    expect(userErrors).toMatchObject([{ code: 'LEVEL_TAKEN' }])
    const scans = await graph.scansOf(async () => {
      await graph.ask(callerOf('northwind'), '{ partnerTiers { totalCount nodes { name level } } }')
      for (const caller of [operator, callerOf('northwind')]) {
        await graph.ask(caller, '{ tierProposals { totalCount nodes { id organization { name } } } }')
        await graph.ask(caller, '{ tierProposals(status: PENDING) { totalCount nodes { id } } }')
        await graph.ask(
          caller,
          '{ certifications(status: ACTIVE, code: "SRV-PRO") { totalCount nodes { member { name } } } }',
        )
      }
      await win(seededId('Organization', 'northwind'), 1)
      await graph.runTimers()
    })
    expect(scans).toEqual([])
  })
})

describe('a certification', () => {
  it('is held once per code, expires by time once, and can be renewed', async () => {
    const { id, adminId } = await graph.partner()
    const expiresAt = new Date(Date.now() + 10 * dayMs).toISOString()
    const answers = await Promise.all(Array.from({ length: 5 }, () => certify(id, adminId, { expiresAt })))
    const [granted] = answers.filter(({ userErrors }) => userErrors.length === 0)
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
      Array.from({ length: 4 }, () => 'ALREADY_CERTIFIED'),
    )
    graph.advanceClock(11 * dayMs)
    await Promise.all([graph.runTimers(), graph.runTimers()])
    const told = (await graph.events('certification.expired')).filter(({ subject }) => subject === granted?.entity.id)
    expect(told).toHaveLength(1)
    expect(await standingOf(id)).toMatchObject({ tierStanding: { certifiedMembers: 0 } })
    const renewed = await graph.mutate(operator, {
      name: 'renewCertification',
      entity: 'certification',
      fields: 'id status version',
      input: { id: granted?.entity.id },
    })
    expect(renewed).toMatchObject({ entity: { status: 'ACTIVE' } })
    await graph.runTimers()
    expect(await standingOf(id)).toMatchObject({ tierStanding: { certifiedMembers: 1 } })
    graph.advanceClock(-11 * dayMs)
  })

  it('is granted to members of the organization only', async () => {
    const { id } = await graph.partner()
    expect((await certify(id, seededId('Member', 'northwind:0'))).userErrors).toMatchObject([{ code: 'NOT_A_MEMBER' }])
  })
})
