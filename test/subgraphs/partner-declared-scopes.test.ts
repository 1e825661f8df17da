import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { type PartnerUnderTest, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

const northwind = callerOf('northwind')
const subgraph = 'loyalty'
const scope = 'loyalty:read'
const declare = (environment = 'LIVE', description = 'See your points', name = scope) =>
  graph.react({
    type: 'subgraph_scope.declared',
    subject: 'sgv_1',
    data: { environment, subgraph, scope: name, description },
    audience: [operator.organizationId],
  })
const withdraw = (environment = 'LIVE') =>
  graph.react({
    type: 'subgraph_scope.withdrawn',
    subject: 'sgv_2',
    data: { environment, subgraph, scope },
    audience: [operator.organizationId],
  })
const offer = (input: object, caller = operator) =>
  graph.mutate<{ description: string; version: number }>(caller, {
    name: 'offerScope',
    entity: 'declaredScope',
    fields: 'description everyPartner tierIds organizationIds roles version',
    input: { scope, ...input },
  })
interface App {
  readonly id: string
  readonly scopes: readonly string[]
}
const app = { entity: 'app', fields: 'id scopes' }
const register = (input: object = {}, caller = operator) =>
  graph.mutate<App>(caller, {
    name: 'registerApp',
    ...app,
    input: {
      organizationId: northwind.organizationId,
      name: 'Points',
      environment: 'LIVE',
      scopes: ['partner:read', scope],
      ...input,
    },
  })
const gateway = systemCaller(['system:identity'])
/** The scopes by which an app calls now, and those of which a gateway is to be told. */
const identify = async (appId: string) => {
  const query = 'query ($appId: ID!) { appIdentity(appId: $appId) { scopes declaredScopes } }'
  const { appIdentity } = await graph.ask<{ appIdentity: { scopes: string[]; declaredScopes: string[] } }>(
    gateway,
    query,
    { appId },
  )
  return appIdentity
}
const memberId = seededId('Member', 'northwind:1')
const consent = async (appId: string, scopes: readonly string[] = ['partner:read', scope]) =>
  graph.mutate<{ scopes: string[] }>(northwind, {
    name: 'recordConsent',
    entity: 'consent',
    fields: 'scopes',
    input: { memberId, appId, scopes },
  })
const person = async (appId: string, id = memberId) => {
  const query = `query ($id: ID!, $appId: ID) { memberIdentity(memberId: $id, appId: $appId) { roleScopes consentedScopes } }`
  const { memberIdentity } = await graph.ask<{
    memberIdentity: { roleScopes: string[]; consentedScopes: string[] | null }
  }>(gateway, query, { id, appId })
  return memberIdentity
}

beforeEach(async () => {
  await withdraw('SANDBOX')
  await withdraw('LIVE')
})

describe('a scope that a published subgraph declares', () => {
  it('is for the platform company alone until it is offered', async () => {
    await declare()
    expect((await register()).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    const own = await register({ organizationId: operator.organizationId })
    expect(own).toMatchObject({ userErrors: [], entity: { scopes: [scope, 'partner:read'] } })
    expect((await offer({}, northwind).catch(String)) as string).toContain('Only the platform operator may do this')
  })

  it.each([
    ['every partner', { everyPartner: true }],
    ['its tier', { tierIds: [seededId('PartnerTier', 'gold')] }],
    ['the organization itself', { organizationIds: [northwind.organizationId] }],
  ])('may be given to apps of a partner when it is offered to %s, and is lost when no more', async (_, to) => {
    await declare()
    expect((await offer(to)).userErrors).toEqual([])
    const { entity, userErrors } = await register()
    expect(userErrors).toEqual([])
    expect((await identify(entity.id)).scopes).toEqual([scope, 'partner:read'])
    await offer({ everyPartner: false, tierIds: [], organizationIds: [] })
    // What gateways look up anew is told although the app has lost it.
    expect(await identify(entity.id)).toEqual({ scopes: ['partner:read'], declaredScopes: [scope] })
  })

  it('is not among those that the operator has chosen one by one, unless it is offered by name', async () => {
    await declare()
    const choose = (allowedScopes: readonly string[] | null) =>
      graph.mutate(operator, {
        name: 'updateOrganization',
        entity: 'organization',
        input: { id: northwind.organizationId, allowedScopes },
      })
    await choose(['partner:read'])
    await offer({ everyPartner: true })
    expect((await register()).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    await offer({ organizationIds: [northwind.organizationId] })
    expect((await register()).userErrors).toEqual([])
    await choose(null)
  })

  it('is given first by the operator, and then by whoever has it', async () => {
    await declare()
    await offer({ everyPartner: true })
    expect((await register({}, northwind)).userErrors).toMatchObject([{ code: 'SCOPE_NOT_HELD' }])
    const decidesNothing = callerOf('meridian', { operator: true, scopes: ['apps:write', 'partner:read'] })
    expect((await register({}, decidesNothing)).userErrors).toMatchObject([{ code: 'SCOPE_NOT_HELD' }])
    expect((await register()).userErrors).toEqual([])
    const holder = callerOf('northwind', { scopes: [...northwind.scopes, scope] })
    expect((await register({}, holder)).userErrors).toEqual([])
  })

  it('ends with all that was granted and offered by it: declared anew, nobody holds it', async () => {
    await declare()
    await offer({ everyPartner: true })
    const { entity } = await register()
    await consent(entity.id)
    expect(await person(entity.id)).toMatchObject({ consentedScopes: [scope, 'partner:read'] })

    await withdraw()
    expect((await identify(entity.id)).scopes).toEqual(['partner:read'])
    await declare('LIVE', 'Give away your points')
    expect((await identify(entity.id)).scopes).toEqual(['partner:read'])
    expect((await register()).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    await offer({ everyPartner: true })
    expect(await identify(entity.id)).toEqual({ scopes: ['partner:read'], declaredScopes: [] })

    const given = { id: entity.id, scopes: ['partner:read', scope] }
    expect(await graph.mutate<App>(operator, { name: 'updateApp', ...app, input: given })).toMatchObject({
      userErrors: [],
    })
    expect((await identify(entity.id)).scopes).toEqual([scope, 'partner:read'])
    // The app has it again; the person has not said so.
    expect(await person(entity.id)).toMatchObject({ consentedScopes: ['partner:read'] })
  })

  it('is another one in other words: nobody was offered it, holds it or has consented to it', async () => {
    await declare()
    await offer({ everyPartner: true })
    const { entity } = await register()
    await consent(entity.id)
    // What is told again in the same words goes on.
    await declare()
    expect(await person(entity.id)).toMatchObject({ consentedScopes: [scope, 'partner:read'] })

    await declare('LIVE', 'Move your money')
    expect(await identify(entity.id)).toEqual({ scopes: ['partner:read'], declaredScopes: [] })
    expect((await register()).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    await offer({ everyPartner: true })
    const given = { id: entity.id, scopes: ['partner:read', scope] }
    await graph.mutate<App>(operator, { name: 'updateApp', ...app, input: given })
    expect((await identify(entity.id)).scopes).toEqual([scope, 'partner:read'])
    expect(await person(entity.id)).toMatchObject({ consentedScopes: ['partner:read'] })
  })

  it('that was tried in the sandbox is another one when LIVE declares it in other words, and else the same', async () => {
    await declare('SANDBOX')
    await offer({ everyPartner: true })
    const { entity } = await register({ environment: 'SANDBOX' })
    await declare('LIVE')
    expect((await identify(entity.id)).scopes).toContain(scope)
    await withdraw('LIVE')
    await declare('SANDBOX')
    await offer({ everyPartner: true })
    const { entity: second } = await register({ environment: 'SANDBOX' })
    await declare('LIVE', 'Move your money')
    expect((await identify(second.id)).scopes).toEqual(['partner:read'])
  })

  it('that only the sandbox declares is for apps of the sandbox, and ends in LIVE whatever the sandbox has', async () => {
    await declare('SANDBOX')
    await offer({ everyPartner: true })
    expect((await register()).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    const { entity: trial } = await register({ environment: 'SANDBOX' })
    await declare('LIVE')
    const { entity: live } = await register()
    // Of what LIVE declares the sandbox does not change the words.
    await declare('SANDBOX', 'Something else')
    expect((await offer({})).entity.description).toBe('See your points')
    await withdraw('SANDBOX')
    expect((await identify(trial.id)).scopes).toContain(scope)
    await declare('SANDBOX')
    await withdraw('LIVE')
    for (const { id } of [trial, live]) expect((await identify(id)).scopes).toEqual(['partner:read'])
    expect((await register({ environment: 'SANDBOX' })).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    await offer({ everyPartner: true })
    expect((await register({ environment: 'SANDBOX' })).userErrors).toEqual([])
  })

  it('is had by people of the roles that it is offered with', async () => {
    await declare()
    await offer({ everyPartner: true })
    const { entity } = await register()
    const seller = seededId('Member', 'northwind:2')
    expect((await person(entity.id)).roleScopes).toContain(scope)
    expect((await person(entity.id, seller)).roleScopes).not.toContain(scope)
    await offer({ roles: ['SALES'] })
    expect((await person(entity.id)).roleScopes).not.toContain(scope)
    expect((await person(entity.id, seller)).roleScopes).toContain(scope)
  })

  it('is taken from an app that is given other scopes, and lists the apps that hold it by an index', async () => {
    await declare()
    await offer({ everyPartner: true })
    const { entity } = await register()
    const list = 'query ($scope: String) { apps(scope: $scope) { nodes { id scopes } totalCount } }'
    const held = async (name = scope) =>
      (await graph.ask<{ apps: { nodes: App[] } }>(operator, list, { scope: name })).apps.nodes
    const scans = await graph.scansOf(async () => {
      expect(await held()).toEqual([{ id: entity.id, scopes: [scope, 'partner:read'] }])
      expect(await held('loyalty:nothing')).toEqual([])
    })
    expect(scans).toEqual([])
    await graph.mutate(operator, { name: 'updateApp', ...app, input: { id: entity.id, scopes: ['partner:read'] } })
    expect(await held()).toEqual([])
  })

  it('is refused for tiers and organizations that there are not, and for a name that nobody declares', async () => {
    await declare()
    expect((await offer({ tierIds: ['tier_x'], organizationIds: ['org_x'] })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'tierIds'] },
      { code: 'NOT_FOUND', field: ['input', 'organizationIds'] },
    ])
    expect((await offer({ scope: 'partner:read', everyPartner: true })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ])
    expect((await offer({ expectedVersion: 7 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
  })

  it('that a later version of the product has taken for itself gives nothing', async () => {
    await declare('LIVE', 'Change everything', 'partner:everything')
    expect((await offer({ scope: 'partner:everything', everyPartner: true })).userErrors).toEqual([])
    expect((await register({ scopes: ['partner:everything'] })).userErrors).toMatchObject([
      { code: 'SCOPE_NOT_ALLOWED' },
    ])
  })

  it('is told to gateways when it is offered otherwise and when it ends', async () => {
    await declare()
    await offer({ everyPartner: true })
    await declare('LIVE', 'Move your money')
    await withdraw()
    const told = (await graph.events('declared_scope.offered', 'declared_scope.ended')).slice(-3)
    expect(told.map(({ type, data }) => [type, data['scope']])).toEqual([
      ['declared_scope.offered', scope],
      ['declared_scope.ended', scope],
      ['declared_scope.ended', scope],
    ])
  })
})
