import { describe, expect, it } from 'vitest'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import type { PlanLimits } from '../../gateway/request.ts'
import { createIdentityChanges } from '../../gateway/identity/identity-changes.ts'
import { createIdentityDirectory } from '../../gateway/identity/identity-directory.ts'

const app = {
  appId: 'app_1',
  appName: 'Quoting',
  appStatus: 'ACTIVE',
  organizationId: 'org_vendor',
  organizationStatus: 'APPROVED',
  environment: 'LIVE',
  operator: false,
  scopes: ['catalog:read', 'deals:read', 'deals:decide'],
  tierScopes: ['inventory:quantities'],
  declaredScopes: [],
  credentialId: null,
}
const member = {
  status: 'ACTIVE',
  organizationId: 'org_reseller',
  organizationStatus: 'APPROVED',
  operator: false,
  roleScopes: ['catalog:read', 'deals:read', 'pricing:read'],
  tierScopes: [],
  consentedScopes: ['catalog:read', 'deals:decide', 'pricing:read'],
}
const limits: PlanLimits = {
  planId: 'plan_1',
  planName: 'Growth',
  bucketSize: 1,
  restoreRate: 1,
  maxQueryCost: 1,
  dailyCalls: null,
  monthlyCalls: null,
  quotaMode: 'HARD',
  endUserBucketSize: null,
  endUserRestoreRate: null,
  openStreams: null,
  concurrentRequests: null,
  fieldLimits: [],
  readOnly: false,
  trustedDocumentsOnly: false,
  organization: null,
  counted: { day: '', month: '', callsOfDay: 0, callsOfMonth: 0, organizationCallsOfMonth: 0 },
}

interface Told {
  readonly app?: Partial<Record<keyof typeof app, unknown>>
  readonly member?: Partial<Record<keyof typeof member, unknown>> | null
}

/** The caller of a token of the authorization server, with subgraphs that say the given things. */
async function callerOf(told: Told, memberId: string | null = 'mem_1') {
  const directory = createIdentityDirectory({
    async query(_subgraph, query) {
      if (query.includes('memberIdentity')) {
        return { data: { memberIdentity: told.member === null ? null : { ...member, ...told.member } } }
      }
      if (query.includes('appIdentity')) return { data: { appIdentity: { ...app, ...told.app } } }
      return { data: { appLimits: limits } }
    },
    accessTokens: createAccessTokens(Buffer.alloc(32), () => new Date()),
    issuerTokens: {
      verify: async () => ({
        appId: 'app_1',
        tokenId: 'tok_1',
        scopes: ['catalog:read', 'deals:read', 'deals:decide', 'pricing:read'],
        memberId,
        grantId: 'grant_1',
        keyId: null,
        signedBy: 'key_1',
        expiresAt: Number.POSITIVE_INFINITY,
      }),
      check: () => null,
    },
    keyHashSecret: Buffer.alloc(32),
    changes: createIdentityChanges(() => 0),
    now: () => new Date(),
    nowMs: () => 0,
  })
  const header = Buffer.from(JSON.stringify({ alg: 'ES256' })).toString('base64url')
  return (await directory.identify({ kind: 'token', token: `${header}.e30.x` })).caller
}

describe('who acts by a token for a person', () => {
  it('acts at the organization of the person, not of the app', async () => {
    expect(await callerOf({})).toMatchObject({ appId: 'app_1', organizationId: 'org_reseller', endUserId: 'mem_1' })
    const own = await callerOf({}, null)
    expect([own.organizationId, own.endUserId]).toEqual(['org_vendor', undefined])
  })

  it('has what the tier of the person’s organization gives, which neither token nor consent names', async () => {
    const told = { member: { tierScopes: ['inventory:quantities'] }, app: { tierScopes: [] } }
    expect((await callerOf(told)).scopes).toEqual(['catalog:read', 'inventory:quantities'])
  })

  it('has the scopes that token, app, consent and organization have in common', async () => {
    expect((await callerOf({})).scopes).toEqual(['catalog:read'])
    expect((await callerOf({}, null)).scopes).toEqual([
      'catalog:read',
      'deals:decide',
      'deals:read',
      'inventory:quantities',
    ])
  })

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('of an app (operator: %s) and a person (operator: %s) is an operator: %s', async (byApp, byMember, outcome) => {
    const caller = await callerOf({ app: { operator: byApp }, member: { operator: byMember } })
    expect(caller.operator).toBe(outcome)
  })

  it.each<[string, Told]>([
    ['the person is gone', { member: null }],
    ['the person was deactivated', { member: { status: 'DEACTIVATED' } }],
    ['the organization was suspended', { member: { organizationStatus: 'SUSPENDED' } }],
    ['the consent was taken back', { member: { consentedScopes: null } }],
    ['the app was revoked', { app: { appStatus: 'REVOKED' } }],
    ['the organization of the app was suspended', { app: { organizationStatus: 'SUSPENDED' } }],
  ])('is nobody when %s', async (_what, told) => {
    await expect(callerOf(told)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
