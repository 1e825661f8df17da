import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { hashAppKey, isAppKey } from '../kit/app-key.ts'
import { type Caller, systemCaller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import { isIdOf } from '../kit/ids.ts'
import type { SubgraphResult } from '../kit/subgraph-service.ts'

/** Asks a subgraph on behalf of the installation itself. */
export type AskSubgraph = (
  subgraph: string,
  query: string,
  variables: object,
  caller: Caller,
) => Promise<SubgraphResult>

const appSchema = z.object({
  appId: z.string(),
  appName: z.string(),
  appStatus: z.string(),
  organizationName: z.string(),
  organizationStatus: z.string(),
  scopes: z.array(z.string()),
  redirectUris: z.array(z.string()),
  clientType: z.enum(['CONFIDENTIAL', 'PUBLIC']),
  credentialId: z.string().nullable(),
})
export type ClientApp = z.infer<typeof appSchema>

const memberSchema = z.object({
  memberId: z.string(),
  name: z.string(),
  email: z.string(),
  status: z.string(),
  role: z.enum(['ADMIN', 'DEVELOPER', 'SALES', 'FINANCE']),
  roleScopes: z.array(z.string()),
  operator: z.boolean(),
  organizationId: z.string(),
  organizationName: z.string(),
  organizationStatus: z.string(),
  consentedScopes: z.array(z.string()).nullable(),
})
export type EndUser = z.infer<typeof memberSchema>

const declaredScopesSchema = z.object({
  nodes: z.array(z.object({ name: z.string(), description: z.string(), everyPartner: z.boolean() })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
})
/** A scope of a published subgraph, in words for people. */
export type DeclaredScope = z.infer<typeof declaredScopesSchema>['nodes'][number]

const appQuery = `query ClientApp($appId: ID!, $keyHash: String) { appIdentity(appId: $appId, keyHash: $keyHash) {
  appId appName appStatus organizationName organizationStatus scopes redirectUris clientType credentialId } }`
const memberQuery = `query EndUser($memberId: ID!, $appId: ID) { memberIdentity(memberId: $memberId, appId: $appId) {
  memberId name email status role roleScopes operator organizationId organizationName organizationStatus consentedScopes } }`
const declaredScopesQuery = `query DeclaredScopes($after: String) { declaredScopes(first: 250, after: $after) {
  nodes { name description everyPartner } pageInfo { hasNextPage endCursor } } }`
const consentMutation = `mutation Consent($input: RecordConsentInput!) { recordConsent(input: $input) {
  consent { id } userErrors { code message } } }`
const consentSchema = z.object({ userErrors: z.array(z.object({ code: z.string(), message: z.string() })) })

export interface Directory {
  /** An app that may call, as it was at most two seconds ago; undefined when there is none. */
  findApp(appId: string): Promise<ClientApp | undefined>
  /** The live credential of the app whose key this is; undefined when there is none. Never remembered. */
  credentialOf(appId: string, key: string): Promise<string | undefined>
  /** A member who may act, with what it allows the app; undefined when there is none. Never remembered. */
  findMember(memberId: string, appId?: string): Promise<EndUser | undefined>
  /** The scopes that published subgraphs declare, as they were at most two seconds ago. */
  declaredScopes(): Promise<readonly DeclaredScope[]>
  /** Records what a member allows an app; answers why it was not done, else undefined. */
  recordConsent(memberId: string, appId: string, scopes: readonly string[]): Promise<string | undefined>
}

/** Apps, members and consents, which the partner subgraph owns; asked over fields that no supergraph shows. */
export function createDirectory(ask: AskSubgraph, keyHashSecret: Uint8Array): Directory {
  const identity = systemCaller(['system:identity'])
  const consenting = systemCaller(['apps:write'])
  const reading = systemCaller(['partner:decide'])
  const apps = new LRUCache<string, Promise<ClientApp | null>>({ max: 1_000, ttl: 2_000 })
  const declared = new LRUCache<'all', Promise<readonly DeclaredScope[]>>({ max: 1, ttl: 2_000 })

  const read = async <Shape>(
    { query, variables, caller }: { query: string; variables: object; caller: Caller },
    shape: z.ZodType<Shape>,
  ): Promise<Shape | null> => {
    const { data, errors } = await ask('partner', query, variables, caller)
    if (errors?.length || !data) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'This cannot be looked up now.')
    return shape.nullable().parse(Object.values(data)[0] ?? null)
  }
  const readApp = async (appId: string, keyHash: string | null): Promise<ClientApp | null> => {
    const app = await read({ query: appQuery, variables: { appId, keyHash }, caller: identity }, appSchema)
    return app?.appStatus === 'ACTIVE' && app.organizationStatus === 'APPROVED' ? app : null
  }

  const readDeclared = async (): Promise<readonly DeclaredScope[]> => {
    const found: DeclaredScope[] = []
    let after: string | null = null
    do {
      const variables: { readonly after: string | null } = { after }
      const page = await read({ query: declaredScopesQuery, variables, caller: reading }, declaredScopesSchema)
      found.push(...(page?.nodes ?? []))
      after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    return found
  }

  return {
    async declaredScopes() {
      let found = declared.get('all')
      if (found === undefined) {
        found = readDeclared()
        declared.set('all', found)
        found.catch(() => declared.delete('all'))
      }
      return found
    },
    async findApp(appId) {
      if (!isIdOf('App', appId)) return undefined
      let app = apps.get(appId)
      if (app === undefined) {
        app = readApp(appId, null)
        apps.set(appId, app)
        app.catch(() => apps.delete(appId))
      }
      return (await app) ?? undefined
    },
    async credentialOf(appId, key) {
      if (!isAppKey(key)) return undefined
      return (await readApp(appId, hashAppKey(keyHashSecret, key)))?.credentialId ?? undefined
    },
    async findMember(memberId, appId) {
      if (!isIdOf('Member', memberId)) return undefined
      const variables = { memberId, appId: appId ?? null }
      const member = await read({ query: memberQuery, variables, caller: identity }, memberSchema)
      return member?.status === 'ACTIVE' && member.organizationStatus === 'APPROVED' ? member : undefined
    },
    async recordConsent(memberId, appId, scopes) {
      const variables = { input: { memberId, appId, scopes } }
      const answer = await read({ query: consentMutation, variables, caller: consenting }, consentSchema)
      return answer === null ? 'The consent cannot be recorded now.' : answer.userErrors[0]?.message
    },
  }
}
