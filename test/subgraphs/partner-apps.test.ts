import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashAppKey, isAppKey } from '../../kit/app-key.ts'
import { systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { redirectUriProblem } from '../../subgraphs/partner/apps/redirect-uris.ts'
import { type PartnerUnderTest, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator, testSecret } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

const app = { entity: 'app', fields: 'id name status environment scopes redirectUris version' }
const credential = { entity: 'appCredential', fields: 'id prefix label status', secret: 'key' }
interface App {
  readonly id: string
  readonly version: number
}
interface Credential {
  readonly id: string
  readonly prefix: string
}
const northwind = callerOf('northwind')
const register = (input: object = {}, caller = northwind) =>
  graph.mutate<App>(caller, {
    name: 'registerApp',
    ...app,
    input: { name: 'Quoting', environment: 'LIVE', scopes: ['catalog:read'], ...input },
  })
const createKey = (appId: string, input: object = {}, key?: string) =>
  graph.mutate<Credential>(northwind, {
    name: 'createAppCredential',
    ...credential,
    input: { appId, label: 'Server', ...input },
    ...(key === undefined ? {} : { key }),
  })
const identify = async (appId: string, key: string) => {
  const keyHash = hashAppKey(deriveSecret(testSecret, 'app-key-hash'), key)
  const { appIdentity } = await graph.ask<{
    appIdentity: { credentialId: string; appStatus: string; scopes: string[] } | null
  }>(
    systemCaller(['system:identity']),
    `query ($appId: ID!, $keyHash: String) { appIdentity(appId: $appId, keyHash: $keyHash) { credentialId appStatus scopes } }`,
    { appId, keyHash },
  )
  return appIdentity
}

const allow = (allowedScopes: readonly string[] | null) =>
  graph.mutate(operator, {
    name: 'updateOrganization',
    entity: 'organization',
    input: { id: northwind.organizationId, allowedScopes },
  })

describe('an app', () => {
  it('is registered with scopes that its organization may grant, and tells so', async () => {
    const { entity, userErrors } = await register({ redirectUris: ['https://quoting.example/back'] })
    expect(userErrors).toEqual([])
    expect(entity).toMatchObject({ status: 'ACTIVE', environment: 'LIVE', scopes: ['catalog:read'], version: 1 })
    const [created] = (await graph.events('app.created')).filter(({ subject }) => subject === entity.id)
    expect(created?.data).toEqual({ organizationId: northwind.organizationId, name: 'Quoting', environment: 'LIVE' })
  })

  it.each([[['partner:decide']], [['inventory:write']], [['nonsense']], [[]]])(
    'is refused the scopes %j',
    async (scopes) => {
      expect((await register({ scopes })).userErrors).toMatchObject([{ field: ['input', 'scopes'] }])
    },
  )

  it('loses at once what its organization may no longer grant', async () => {
    const { entity } = await register({ scopes: ['catalog:read', 'deals:read'] })
    const { secret } = await createKey(entity.id)
    await allow(['catalog:read', 'inventory:write'])
    expect((await identify(entity.id, secret ?? ''))?.scopes).toEqual(['catalog:read'])
    expect((await register({ scopes: ['inventory:write'] })).userErrors).toEqual([])
    expect((await allow(['partner:decide'])).userErrors).toMatchObject([{ code: 'SCOPE_NOT_ALLOWED' }])
    await allow(null)
    expect((await identify(entity.id, secret ?? ''))?.scopes).toEqual(['catalog:read', 'deals:read'])
  })

  it('is edited until it is revoked, which is final', async () => {
    const { entity } = await register()
    const update = (input: object) =>
      graph.mutate<App>(northwind, { name: 'updateApp', ...app, input: { id: entity.id, ...input } })
    expect(await update({ name: 'Renamed', expectedVersion: 1 })).toMatchObject({
      entity: { name: 'Renamed', version: 2 },
    })
    expect((await update({ name: 'X', expectedVersion: 1 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
    const { secret } = await createKey(entity.id)
    await graph.mutate(northwind, { name: 'revokeApp', ...app, input: { id: entity.id, reason: 'Unused.' } })
    expect(await identify(entity.id, secret ?? '')).toMatchObject({ appStatus: 'REVOKED' })
    expect((await update({ name: 'X' })).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect((await createKey(entity.id)).userErrors).toMatchObject([{ code: 'APP_REVOKED' }])
  })

  it('of another organization is unknown', async () => {
    const { userErrors } = await createKey(seededId('App', 'contoso-trial'))
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await register({ organizationId: seededId('Organization', 'contoso') })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ])
  })
})

describe('a redirect URI', () => {
  it.each([
    'https://app.example/callback',
    'https://app.example/callback?tenant=1',
    'http://localhost:8080/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:3000/cb',
    'com.example.app:/back',
  ])('may be %s', (uri) => {
    expect(redirectUriProblem(uri)).toBeUndefined()
  })

  it.each([
    'http://app.example/callback',
    'https://app.example/callback#part',
    'https://app.example/#',
    'https://*.app.example/callback',
    'https://user:pw@app.example/callback',
    'https://app.example',
    'HTTPS://APP.example/callback',
    'https://app.example/a/../b',
    'https://app.example:443/callback',
    'https://app.example/ä',
    'javascript:alert(1)',
    'data:text/html,x',
    'app:/callback',
    '/callback',
    ' https://app.example/callback',
    `https://app.example/${'a'.repeat(500)}`,
  ])('may not be %s', (uri) => {
    expect(redirectUriProblem(uri)).toEqual(expect.any(String))
  })
})

describe('a key', () => {
  it('is shown once, identifies its app, and is nowhere in the database', async () => {
    const { entity } = await register()
    const { secret, entity: made } = await createKey(entity.id)
    const key = secret ?? ''
    expect(isAppKey(key)).toBe(true)
    expect(key.startsWith('trb_live_')).toBe(true)
    expect(made.prefix).toBe(key.slice(0, 13))
    expect(await identify(entity.id, key)).toMatchObject({ credentialId: made.id, scopes: ['catalog:read'] })
    for (const { name } of await graph.connection.listCollections()) {
      const stored = JSON.stringify(await graph.connection.collection(name).find({}).toArray())
      expect(stored, name).not.toContain(key)
    }
  })

  it('is the same for the same idempotency key, however often that is used at once', async () => {
    const { entity } = await register()
    const answers = await Promise.all(Array.from({ length: 10 }, () => createKey(entity.id, {}, 'one-key')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await identify(entity.id, answers[0]?.secret ?? '')).not.toBeNull()
    expect(await createKey(entity.id, {}, 'one-key')).toEqual(answers[0])
  })

  it('is one of five at most, however many are made at once', async () => {
    const { entity } = await register()
    const answers = await Promise.all(Array.from({ length: 20 }, () => createKey(entity.id)))
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(5)
    expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
      new Set(['TOO_MANY_CREDENTIALS']),
    )
    const [first] = answers.flatMap((answer) => answer.entity ?? [])
    await graph.mutate(northwind, {
      name: 'revokeAppCredential',
      entity: 'appCredential',
      fields: 'id',
      input: { id: first?.id },
    })
    expect((await createKey(entity.id)).userErrors).toEqual([])
  })

  it('leaves no endless list when it is rotated', async () => {
    const { entity } = await register()
    for (let round = 0; round < 14; round += 1) {
      const made = await createKey(entity.id)
      const input = { id: made.entity.id }
      await graph.mutate(northwind, { name: 'revokeAppCredential', entity: 'appCredential', fields: 'id', input })
    }
    const { app: read } = await graph.ask<{ app: { credentials: object[] } }>(
      northwind,
      'query ($id: ID!) { app(id: $id) { credentials { id } } }',
      { id: entity.id },
    )
    expect(read.credentials).toHaveLength(11)
  })

  it('stops to work when it expires, which is told once', async () => {
    const { entity } = await register()
    const expiresAt = new Date(Date.now() + dayMs).toISOString()
    const { secret, entity: made } = await createKey(entity.id, { expiresAt })
    expect(await identify(entity.id, secret ?? '')).not.toBeNull()
    graph.advanceClock(dayMs + 1_000)
    expect(await identify(entity.id, secret ?? '')).toBeNull()
    await Promise.all([graph.runTimers(), graph.runTimers()])
    const told = (await graph.events('app_credential.expired')).filter(({ subject }) => subject === made.id)
    expect(told).toHaveLength(1)
    graph.advanceClock(-(dayMs + 1_000))
    expect((await createKey(entity.id, { expiresAt: '2020-01-01T00:00:00Z' })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['input', 'expiresAt'] },
    ])
  })
})

describe('a consent', () => {
  const consent = { entity: 'consent', fields: 'id status scopes version' }
  const memberId = seededId('Member', 'northwind:1')
  const record = (input: object, caller = northwind) =>
    graph.mutate<{ id: string; scopes: string[]; version: number }>(caller, {
      name: 'recordConsent',
      ...consent,
      input,
    })

  it('is one per member and app, whoever records at once, and names scopes of the app only', async () => {
    const { entity } = await register({ scopes: ['catalog:read', 'deals:read'] })
    const input = { memberId, appId: entity.id, scopes: ['catalog:read'] }
    const answers = await Promise.all(Array.from({ length: 6 }, () => record(input)))
    expect(new Set(answers.map((answer) => answer.entity.id)).size).toBe(1)
    expect((await record({ ...input, scopes: ['billing:read'] })).userErrors).toMatchObject([
      { code: 'SCOPE_NOT_ALLOWED' },
    ])
    const { id } = answers[0]?.entity ?? { id: '' }
    const revoke = () => graph.mutate(northwind, { name: 'revokeConsent', ...consent, input: { id } })
    expect(await revoke()).toMatchObject({ entity: { status: 'REVOKED' } })
    expect((await revoke()).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect((await record(input)).entity.id).not.toBe(id)
    const seller = callerOf('northwind', { endUserId: seededId('Member', 'northwind:2') })
    expect((await record(input, seller)).userErrors).toMatchObject([{ code: 'ROLE_REQUIRED' }])
    const oneself = callerOf('northwind', { endUserId: memberId })
    expect((await record(input, oneself)).userErrors).toEqual([])
  })

  it('may be given to an app of another organization, and is the own organization’s to see', async () => {
    const appId = seededId('App', 'thamesgate-quoting')
    const { entity, userErrors } = await record({ memberId, appId, scopes: ['catalog:read'] })
    expect(userErrors).toEqual([])
    const list = `query ($appId: ID) { consents(appId: $appId) { nodes { id appId app { name } member { name } } } }`
    interface List {
      readonly consents: { nodes: { id: string; app: object | null; member: object | null }[] }
    }
    const scans = await graph.scansOf(async () => {
      expect((await graph.ask<List>(northwind, list, { appId })).consents.nodes).toMatchObject([
        { id: entity.id, app: null, member: { name: expect.any(String) as string } },
      ])
      expect((await graph.ask<List>(callerOf('thamesgate'), list, { appId })).consents.nodes).toEqual([])
      await graph.ask(
        operator,
        '{ consents(status: ACTIVE) { totalCount nodes { id } } apps(search: "port", environment: SANDBOX) { totalCount nodes { id } } }',
      )
      await graph.ask(
        northwind,
        '{ consents { totalCount } apps(search: "stock", status: ACTIVE) { totalCount nodes { id } } }',
      )
    })
    expect(scans).toEqual([])
  })
})
