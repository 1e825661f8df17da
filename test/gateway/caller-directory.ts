import { randomBytes } from 'node:crypto'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import type { Credentials } from '../../gateway/identity/credentials.ts'
import type { AttemptLimit } from '../../gateway/identity/failed-attempts.ts'
import { createIdentityChanges } from '../../gateway/identity/identity-changes.ts'
import { createIdentityDirectory } from '../../gateway/identity/identity-directory.ts'
import type { IssuerTokens } from '../../gateway/identity/issuer-tokens.ts'
import { appKeyFromBytes } from '../../kit/app-key.ts'
import { generousLimits } from './mini-graph.ts'

/** A directory of one app whose subgraphs and clock a test holds in its hands. */
export function createTestDirectory(options: { attemptLimit?: AttemptLimit; issuerTokens?: IssuerTokens } = {}) {
  const clock = { ms: 1_000_000 }
  const app = {
    appId: 'app_1',
    appName: 'Quoting',
    appStatus: 'ACTIVE',
    organizationId: 'org_1',
    organizationStatus: 'APPROVED',
    environment: 'LIVE',
    operator: false,
    scopes: ['catalog:read', 'deals:read'],
    tierScopes: [],
    declaredScopes: [] as string[],
    credentialId: 'cred_1' as string | null,
    credentialExpiresAt: null as string | null,
  }
  const counted = { day: '', month: '', callsOfDay: 0, callsOfMonth: 0, organizationCallsOfMonth: 0 }
  const world = {
    app: app as typeof app | null,
    limits: { ...generousLimits, organizationId: 'org_1', counted },
    reachable: true,
    /** How often each subgraph was asked. */
    asked: { partner: 0, billing: 0 },
    /** Waited for before partner answers what it had read. */
    slow: Promise.resolve(),
  }
  const now = () => new Date(clock.ms)
  const nowMs = () => clock.ms
  const changes = createIdentityChanges(nowMs)
  const accessTokens = createAccessTokens(randomBytes(32), now)
  const directory = createIdentityDirectory({
    async query(subgraph) {
      if (subgraph === 'billing') {
        world.asked.billing += 1
        if (!world.reachable) throw new Error('out of reach')
        return { data: { appLimits: { ...world.limits } } }
      }
      world.asked.partner += 1
      const told = world.app && { ...world.app }
      await world.slow
      if (!world.reachable) return { errors: [{ message: 'out of reach' }] }
      return { data: { appIdentity: told } }
    },
    accessTokens,
    issuerTokens: options.issuerTokens ?? null,
    keyHashSecret: randomBytes(32),
    changes,
    now,
    nowMs,
    ...(options.attemptLimit ? { attemptLimit: options.attemptLimit } : {}),
  })
  const key = anyKey()
  const issue = (tokenId = 'tok_1'): Promise<string> =>
    accessTokens.issue({ appId: 'app_1', tokenId, scopes: ['catalog:read'], endUserId: null })
  return { world, clock, now, nowMs, changes, directory, key, anyKey, issue }
}

function anyKey(): Credentials {
  return { kind: 'key', appId: 'app_1', key: appKeyFromBytes('live', randomBytes(64)) }
}
