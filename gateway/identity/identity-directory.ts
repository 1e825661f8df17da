import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { hashAppKey, isAppKey } from '../../kit/app-key.ts'
import { createCaller, systemCaller, type Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { Identity } from '../request.ts'
import type { AccessTokens } from './access-token.ts'
import type { Credentials } from './credentials.ts'
import type { IssuerTokens } from './issuer-tokens.ts'
import { isIssuerToken } from './token-header.ts'

/** How long an identity is believed before it is looked up again: the longest that a revocation can take. */
const believedMs = 2_000
const rememberedIdentities = 20_000

/** What the directory asks of subgraphs, on behalf of the gateway itself. */
export type SystemQuery = (
  subgraph: string,
  query: string,
  variables: object,
  caller: Caller,
) => Promise<SubgraphResult>

export interface IdentityDirectory {
  /** Throws UNAUTHENTICATED, without saying which part was wrong. */
  identify(credentials: Credentials | null): Promise<Identity>
}

const appSchema = z.object({
  appId: z.string(),
  appName: z.string(),
  appStatus: z.string(),
  organizationId: z.string(),
  organizationStatus: z.string(),
  environment: z.enum(['LIVE', 'SANDBOX']),
  operator: z.boolean(),
  scopes: z.array(z.string()),
  credentialId: z.string().nullable(),
})
const limitsSchema = z.object({
  planId: z.string(),
  planName: z.string(),
  bucketSize: z.number(),
  restoreRate: z.number(),
  maxQueryCost: z.number(),
  dailyCalls: z.number().nullable(),
  monthlyCalls: z.number().nullable(),
  quotaMode: z.enum(['HARD', 'SOFT']),
  endUserBucketSize: z.number().nullable(),
  endUserRestoreRate: z.number().nullable(),
  openStreams: z.number().nullable(),
  concurrentRequests: z.number().nullable(),
  fieldLimits: z.array(z.object({ coordinate: z.string(), calls: z.number(), windowSeconds: z.number() })),
  readOnly: z.boolean(),
  trustedDocumentsOnly: z.boolean().default(false),
  organization: z
    .object({
      organizationId: z.string(),
      bucketSize: z.number().nullable(),
      restoreRate: z.number().nullable(),
      monthlyCalls: z.number().nullable(),
    })
    .nullable(),
  counted: z.object({
    day: z.string(),
    month: z.string(),
    callsOfDay: z.number(),
    callsOfMonth: z.number(),
    organizationCallsOfMonth: z.number(),
  }),
})

const memberSchema = z.object({
  status: z.string(),
  organizationId: z.string(),
  organizationStatus: z.string(),
  operator: z.boolean(),
  allowedScopes: z.array(z.string()),
  consentedScopes: z.array(z.string()).nullable(),
})

const memberQuery = `query MemberIdentity($memberId: ID!, $appId: ID) { memberIdentity(memberId: $memberId, appId: $appId) {
  status organizationId organizationStatus operator allowedScopes consentedScopes } }`
const appQuery = `query AppIdentity($appId: ID!, $keyHash: String, $credentialId: ID) {
  appIdentity(appId: $appId, keyHash: $keyHash, credentialId: $credentialId) {
  appId appName appStatus organizationId organizationStatus environment operator scopes credentialId } }`
const limitsQuery = `query AppLimits($appId: ID!) { appLimits(appId: $appId) {
  planId planName bucketSize restoreRate maxQueryCost dailyCalls monthlyCalls quotaMode endUserBucketSize
  endUserRestoreRate openStreams concurrentRequests fieldLimits { coordinate calls windowSeconds } readOnly
  organization { organizationId bucketSize restoreRate monthlyCalls }
  counted { day month callsOfDay callsOfMonth organizationCallsOfMonth } } }`

/**
 * Turns credentials into an identity by asking the partner and billing subgraphs, which own apps and plans, over
 * fields that no supergraph shows. Answers, refusals included, are believed for two seconds.
 */
export function createIdentityDirectory(options: {
  readonly query: SystemQuery
  readonly accessTokens: AccessTokens
  /** Tokens of the authorization server; null where this gateway knows none. */
  readonly issuerTokens: IssuerTokens | null
  readonly keyHashSecret: Uint8Array
}): IdentityDirectory {
  const system = systemCaller(['system:identity'])
  const cache = new LRUCache<string, Promise<Identity>>({ max: rememberedIdentities, ttl: believedMs })

  const ask = async <Shape>(subgraph: string, query: string, variables: object, shape: z.ZodType<Shape>) => {
    const { data, errors } = await options.query(subgraph, query, variables, system)
    if (errors?.length || !data) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'Who is calling cannot be looked up now.')
    return z.record(z.string(), shape.nullable()).parse(data)
  }

  /** What a person may let the app do now; throws when the person may not act or lets it do nothing any more. */
  async function lookUpMember(memberId: string, appId: string) {
    const { memberIdentity: member } = await ask('partner', memberQuery, { memberId, appId }, memberSchema)
    if (member?.status !== 'ACTIVE' || member.organizationStatus !== 'APPROVED' || member.consentedScopes === null) {
      throw new CodedError('UNAUTHENTICATED', 'The person does not let this app act any more.')
    }
    const { organizationId, operator, allowedScopes, consentedScopes } = member
    return { organizationId, operator, scopes: consentedScopes.filter((scope) => allowedScopes.includes(scope)) }
  }

  async function lookUp(appId: string, keyHash: string | null, token?: TokenGrant): Promise<Identity> {
    const [{ appIdentity: app }, { appLimits: limits }, member] = await Promise.all([
      ask('partner', appQuery, { appId, keyHash, credentialId: token?.keyId ?? null }, appSchema),
      ask('billing', limitsQuery, { appId }, limitsSchema),
      token?.memberId ? lookUpMember(token.memberId, appId) : undefined,
    ])
    if (!app || app.appStatus !== 'ACTIVE') throw unknownCaller()
    if (app.organizationStatus !== 'APPROVED') {
      throw new CodedError('UNAUTHENTICATED', 'The organization of this app is not active; contact the platform.')
    }
    if (!limits) throw new CodedError('PLAN_FORBIDS', 'This app has no plan; ask the platform to assign one.')
    const caller = createCaller({
      appId: app.appId,
      appName: app.appName,
      // Who acts for a person acts where the person belongs, whoever owns the app.
      organizationId: member?.organizationId ?? app.organizationId,
      environment: app.environment === 'LIVE' ? 'live' : 'sandbox',
      planId: limits.planId,
      scopes: app.scopes.filter(
        (scope) => (token?.scopes.includes(scope) ?? true) && (member?.scopes.includes(scope) ?? true),
      ),
      operator: app.operator && (member?.operator ?? true),
      credentialId: token?.tokenId ?? app.credentialId ?? app.appId,
      ...(token?.endUserId ? { endUserId: token.endUserId } : {}),
    })
    return { caller, limits }
  }

  const verify = async (token: string): Promise<TokenGrant & { readonly appId: string }> => {
    if (options.issuerTokens === null || !isIssuerToken(token)) return options.accessTokens.verify(token)
    const issued = await options.issuerTokens.verify(token)
    return { ...issued, endUserId: issued.memberId }
  }

  const believed = (key: string, find: () => Promise<Identity>): Promise<Identity> => {
    const known = cache.get(key)
    if (known) return known
    const identity = find()
    cache.set(key, identity)
    // A subgraph that was out of reach must be asked again at once; a refusal may be believed.
    identity.catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.code === 'SUBGRAPH_UNAVAILABLE') cache.delete(key)
    })
    return identity
  }

  return {
    async identify(credentials) {
      if (credentials === null) {
        throw new CodedError(
          'UNAUTHENTICATED',
          'Say who calls: send the headers x-tributary-app and x-tributary-key, or Authorization: Bearer <token>.',
        )
      }
      if (credentials.kind === 'token') {
        const token = await verify(credentials.token)
        return believed(`token:${token.tokenId}`, () => lookUp(token.appId, null, token))
      }
      // The checksum costs nothing, so a mistyped key never becomes a lookup. It is public: it keeps nobody out.
      if (!isAppKey(credentials.key)) throw unknownCaller()
      const keyHash = hashAppKey(options.keyHashSecret, credentials.key)
      return believed(`key:${credentials.appId}:${keyHash}`, () => lookUp(credentials.appId, keyHash))
    },
  }
}

interface TokenGrant {
  readonly tokenId: string
  readonly scopes: readonly string[]
  readonly endUserId: string | null
  /** Set when the person is a member who has consented, which is looked up. */
  readonly memberId?: string | null
  /** The credential whose key was shown for the token, which falls with it. */
  readonly keyId?: string | null
}

function unknownCaller(): CodedError {
  return new CodedError('UNAUTHENTICATED', 'The app id or key is not valid.')
}
