import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type PartnerUnderTest, application, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const northwind = callerOf('northwind')
let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

const organization = { entity: 'organization', fields: 'id name status statusReason version territories tier { name }' }
interface Organization {
  readonly id: string
  readonly status: string
  readonly version: number
}
const apply = (changes: object = {}, key?: string) =>
  graph.mutate<Organization>(operator, {
    name: 'applyForPartnership',
    ...organization,
    input: application(changes),
    ...(key === undefined ? {} : { key }),
  })
const decide = (input: object) =>
  graph.mutate<Organization>(operator, { name: 'decideApplication', ...organization, input })
const change = (name: string, input: object) => graph.mutate<Organization>(operator, { name, ...organization, input })

describe('an organization', () => {
  it('goes from application through approval, suspension and reinstatement to termination, and each is told', async () => {
    const { entity: applied } = await apply()
    const { id } = applied
    expect(applied).toMatchObject({ status: 'APPLIED', version: 1, tier: null })
    const approved = await decide({ id, decision: 'APPROVE', territories: ['DACH', 'CEE'], expectedVersion: 1 })
    expect(approved).toMatchObject({
      entity: { status: 'APPROVED', tier: { name: 'Registered' }, territories: ['DACH', 'CEE'], version: 2 },
      userErrors: [],
    })
    expect(await change('suspendOrganization', { id, reason: 'Overdue.' })).toMatchObject({
      entity: { status: 'SUSPENDED', statusReason: 'Overdue.' },
    })
    expect(await change('reinstateOrganization', { id })).toMatchObject({
      entity: { status: 'APPROVED', statusReason: null },
    })
    expect(await change('terminateOrganization', { id, reason: 'Closed.' })).toMatchObject({
      entity: { status: 'TERMINATED' },
    })
    const told = await graph.events(
      ...['applied', 'approved', 'suspended', 'reinstated', 'terminated'].map((past) => `organization.${past}`),
    )
    const own = told.filter(({ subject }) => subject === id)
    expect(own.map(({ type }) => type.split('.')[1])).toEqual([
      'applied',
      'approved',
      'suspended',
      'reinstated',
      'terminated',
    ])
    expect(own[1]?.data).toEqual({
      name: 'Bergwerk Systeme',
      type: 'RESELLER',
      status: 'APPROVED',
      tierId: seededId('PartnerTier', 'registered'),
      territories: ['DACH', 'CEE'],
      country: 'DE',
    })
  })

  it('names the current and the allowed states when a transition is illegal', async () => {
    const { entity } = await apply()
    const refused = await change('suspendOrganization', { id: entity.id, reason: 'x' })
    expect(refused.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect(refused.userErrors[0]?.message).toContain('APPLIED')
    expect(refused.userErrors[0]?.message).toContain('APPROVED, REJECTED')
    await decide({ id: entity.id, decision: 'REJECT', reason: 'No.' })
    expect((await decide({ id: entity.id, decision: 'APPROVE' })).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION' },
    ])
  })

  it('is approved by a decision only from APPLIED and reinstated only from SUSPENDED', async () => {
    const { entity } = await apply()
    expect((await change('reinstateOrganization', { id: entity.id })).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION' },
    ])
    await decide({ id: entity.id, decision: 'APPROVE' })
    await change('suspendOrganization', { id: entity.id, reason: 'x' })
    expect((await decide({ id: entity.id, decision: 'APPROVE' })).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION' },
    ])
  })

  it('tells everything that is wrong with an application at once', async () => {
    const { entity, userErrors } = await apply({
      name: ' ',
      country: 'Germany',
      website: 'ftp://x.example',
      territories: ['dach'],
      applicant: { name: 'A', email: 'nobody' },
    })
    expect(entity).toBeNull()
    expect(userErrors.map(({ field }) => field?.join('.'))).toEqual([
      'input.name',
      'input.website',
      'input.country',
      'input.territories',
      'input.applicant.email',
    ])
  })

  it('is applied for once however often a key is used at once', async () => {
    const input = { name: 'Once Only', externalId: 'once-1' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => apply(input, 'one-key')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.userErrors).toEqual([])
    expect((await apply({ name: 'Another', externalId: 'once-1' })).userErrors).toMatchObject([
      { code: 'EXTERNAL_ID_TAKEN' },
    ])
  })

  it('is edited by its partner where that is its own matter, and not elsewhere', async () => {
    const update = (input: object, caller = northwind) =>
      graph.mutate<Organization>(caller, { name: 'updateOrganization', ...organization, input })
    const { entity } = await update({ website: 'https://northwind.example/new', expectedVersion: 1 })
    expect(entity).toMatchObject({ version: 2 })
    expect((await update({ expectedVersion: 1 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
    expect((await update({ type: 'ISV', territories: ['UKI'], allowedScopes: null })).userErrors).toMatchObject([
      { code: 'OPERATOR_ONLY', field: ['input', 'type'] },
      { code: 'OPERATOR_ONLY', field: ['input', 'territories'] },
      { code: 'OPERATOR_ONLY', field: ['input', 'allowedScopes'] },
    ])
    const other = seededId('Organization', 'contoso')
    expect((await update({ id: other, name: 'Ours' })).userErrors).toEqual(
      (await update({ id: 'org_nobody', name: 'Ours' })).userErrors,
    )
    const { id } = northwind.organizationId ? { id: northwind.organizationId } : { id: '' }
    expect(await update({ id, territories: ['DACH'], externalId: null }, operator)).toMatchObject({
      entity: { territories: ['DACH'] },
      userErrors: [],
    })
    const { organization: seen } = await graph.ask<{ organization: object }>(
      operator,
      'query ($id: ID!) { organization(id: $id) { externalId } }',
      { id },
    )
    expect(seen).toEqual({ externalId: null })
  })

  it('is decided on by the operator alone, whatever scopes a partner has', async () => {
    const { errors } = await graph.execute(
      northwind,
      'mutation ($id: ID!) { suspendOrganization(input: { id: $id, reason: "x" }) { userErrors { code } } }',
      { id: northwind.organizationId },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const meridian = seededId('Organization', 'meridian')
    expect((await change('terminateOrganization', { id: meridian, reason: 'x' })).userErrors).toMatchObject([
      { code: 'PLATFORM_ORGANIZATION' },
    ])
  })

  it('lets one of several decisions of one version stand', async () => {
    const { entity } = await apply()
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        decide({ id: entity.id, decision: index % 2 ? 'APPROVE' : 'REJECT', reason: 'x', expectedVersion: 1 }),
      ),
    )
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
  })
})

const list = (args: string, caller = operator) =>
  graph.ask<{ organizations: { totalCount: number; nodes: { name: string; status: string; country: string }[] } }>(
    caller,
    `{ organizations(${args}) { totalCount nodes { name status country } } }`,
  )

describe('lists of organizations', () => {
  it('are filtered and searched, each by an index', async () => {
    const scans = await graph.scansOf(async () => {
      const { organizations: suspended } = await list('status: SUSPENDED, country: "HU"')
      expect(suspended.nodes.map(({ name }) => name)).toEqual(['Danubia Rendszerház'])
      const { organizations: french } = await list('country: "FR", type: RESELLER, first: 250')
      expect(french.nodes.length).toBeGreaterThan(1)
      for (const { country } of french.nodes) expect(country).toBe('FR')
      const { organizations: found } = await list('search: "nor it"')
      expect(found.nodes.map(({ name }) => name)).toEqual(['Northwind IT Solutions'])
      await list('search: "sys", status: APPROVED, territory: "DACH"')
      await list(`tierId: "${seededId('PartnerTier', 'gold')}", first: 2`)
      await list('externalId: "once-1"')
      await list('first: 250', northwind)
      await list('search: "north", status: APPROVED', northwind)
    })
    expect(scans).toEqual([])
  })

  it('are read on from a cursor by an index too', async () => {
    const page = `query ($after: String) { organizations(first: 3, status: APPROVED, after: $after) {
      nodes { name } pageInfo { endCursor } } }`
    interface Page {
      readonly organizations: { nodes: { name: string }[]; pageInfo: { endCursor: string } }
    }
    const { organizations: first } = await graph.ask<Page>(operator, page)
    const scans = await graph.scansOf(async () => {
      const { organizations: second } = await graph.ask<Page>(operator, page, { after: first.pageInfo.endCursor })
      expect(second.nodes[0]?.name.localeCompare(first.nodes[2]?.name ?? '')).toBeGreaterThan(0)
    })
    expect(scans).toEqual([])
  })
})
