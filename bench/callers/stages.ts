import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { QueryPlanner } from '@apollo/query-planner'
import { Supergraph } from '@apollo/federation-internals'
import { type GraphQLSchema, parse, validate } from 'graphql'
import { type JWK, SignJWT } from 'jose'
import { type Charge, type ChargeDependencies, chargeOperation } from '../../gateway/cost/charge.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { createUsageCollection } from '../../gateway/cost/usage-batch.ts'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import type { Credentials } from '../../gateway/identity/credentials.ts'
import { createIdentityChanges } from '../../gateway/identity/identity-changes.ts'
import { createIdentityDirectory } from '../../gateway/identity/identity-directory.ts'
import { type TokenIssuer, createIssuerTokens } from '../../gateway/identity/issuer-tokens.ts'
import { coerceVariables } from '../../gateway/operation/coerce-variables.ts'
import { apolloSupergraph } from '../../gateway/plan/apollo-supergraph.ts'
import { createApolloPlanner } from '../../gateway/plan/apollo-planner.ts'
import { createSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import { createOperationPreparer } from '../../gateway/pipeline/prepare-operation.ts'
import type { Identity } from '../../gateway/request.ts'
import { partnerHomePage } from '../../gateway/demo/sample-operations.ts'
import { usageOfOperation } from '../../gateway/pipeline/usage-of-operation.ts'
import { appKeyFromBytes } from '../../kit/app-key.ts'
import { composeSupergraph } from '../../subgraphs/compose.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { answerOf } from './made-up-answer.ts'
import { appIdentity, appLimits } from './made-up-app.ts'

/** What is measured: it runs one request's share of the work. */
export interface Stage {
  readonly name: string
  readonly run: () => Promise<unknown>
}

/** The three stages of a warm request of the portal's home page, alone and together. */
export async function callerStages(): Promise<Stage[]> {
  const { snapshot, document, data } = prepareHomePage()
  const dependencies = chargeDependencies()
  const { directory, byKey, byToken, byIssuedToken } = await openDirectory()
  const { prepare } = createOperationPreparer()
  const policy = (identity: Identity) =>
    prepare(snapshot, document, { operationName: undefined, caller: identity.caller })
  const cost = async (identity: Identity): Promise<unknown> => {
    const { cost: model, operation } = policy(identity)
    const variables = coerceVariables(snapshot.apiSchema, operation, {})
    const charge: Charge = await chargeOperation(dependencies, identity, {
      model,
      variables,
      kind: 'request',
      id: 'one after the other',
    })
    return charge.settle(data)
  }
  const identity = await directory.identify(byKey)
  // Never sent: what is measured is the request's share, not the flush of every two seconds.
  const collection = createUsageCollection()
  const begun = performance.now()
  const meter = ({ caller }: Identity): void => {
    const { uses } = policy({ ...identity, caller })
    const metered = { edition: null, calls: 1, cost: 96, uses, latencyMs: performance.now() - begun } as const
    collection.add(usageOfOperation(identity, { errors: [] }, metered), new Date())
  }
  return [
    { name: 'identity, app key', run: () => directory.identify(byKey) },
    { name: 'identity, access token', run: () => directory.identify(byIssuedToken) },
    { name: "identity, operator's token", run: () => directory.identify(byToken) },
    { name: 'policy', run: () => Promise.resolve(policy(identity)) },
    { name: 'cost (with policy)', run: () => cost(identity) },
    { name: 'usage (with policy)', run: () => Promise.resolve(meter(identity)) },
    { name: 'all three, app key', run: async () => cost(await directory.identify(byKey)) },
    { name: 'all three, access token', run: async () => cost(await directory.identify(byIssuedToken)) },
  ]
}

function prepareHomePage() {
  const { supergraphSdl } = composeSupergraph(
    subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` })),
  )
  const supergraph = Supergraph.build(apolloSupergraph(supergraphSdl))
  const apiSchema: GraphQLSchema = supergraph.apiSchema().toGraphQLJSSchema()
  const document = parse(partnerHomePage)
  const [error] = validate(apiSchema, document)
  if (error) throw error
  const snapshot = createSnapshot({
    supergraphSdl,
    apiSchema,
    planner: createApolloPlanner(new QueryPlanner(supergraph)),
  })
  return { snapshot, document, data: answerOf(apiSchema, document) }
}

function chargeDependencies(): ChargeDependencies {
  return {
    limiter: createMemoryLimiter(() => performance.now()),
    alerts: { watch: () => undefined, close: () => Promise.resolve() },
    now: () => new Date(),
  }
}

/** A directory whose subgraphs answer at once: what is warm asks them now and then only. */
async function openDirectory() {
  const accessTokens = createAccessTokens(randomBytes(32), () => new Date())
  const issuer = await openIssuer(appIdentity.appId)
  const changes = createIdentityChanges(() => performance.now())
  changes.follow(() => 0)
  const directory = createIdentityDirectory({
    query: (subgraph) => Promise.resolve({ data: subgraph === 'partner' ? { appIdentity } : { appLimits } }),
    accessTokens,
    issuerTokens: createIssuerTokens(issuer.source, { now: () => new Date(), nowMs: () => performance.now() }),
    keyHashSecret: randomBytes(32),
    changes,
    now: () => new Date(),
    nowMs: () => performance.now(),
  })
  const { appId, scopes } = appIdentity
  const token = await accessTokens.issue({ appId, tokenId: 'bench', scopes, endUserId: null })
  const byKey: Credentials = { kind: 'key', appId, key: appKeyFromBytes('test', randomBytes(64)) }
  const byToken: Credentials = { kind: 'token', token }
  const byIssuedToken: Credentials = { kind: 'token', token: issuer.token }
  return { directory, byKey, byToken, byIssuedToken }
}

/** An authorization server that has given an app one token and revoked some of others. */
async function openIssuer(appId: string): Promise<{ readonly source: TokenIssuer; readonly token: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const published: JWK = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'bench', alg: 'ES256', use: 'sig' }
  const revoked = Array.from({ length: 1_000 }, (_, index) => `revoked ${index}`)
  const source: TokenIssuer = {
    issuer: () => 'https://auth.test',
    keys: () => Promise.resolve({ keys: [published] }),
    revoked: () => Promise.resolve(revoked),
  }
  const token = await new SignJWT({ client_id: appId, scope: appIdentity.scopes.join(' '), cred: 'cred_bench' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
    .setIssuer('https://auth.test')
    .setAudience('urn:tributary:graph')
    .setSubject(appId)
    .setJti('bench')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey)
  return { source, token }
}
