import { z } from 'zod'
import { systemCaller, type Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'

/** What the gateway asks of subgraphs on behalf of itself. */
export type SystemQuery = (
  subgraph: string,
  query: string,
  variables: object,
  caller: Caller,
) => Promise<SubgraphResult>

const moment = z.coerce
  .date()
  .nullish()
  .transform((date) => date?.getTime() ?? null)

const appSchema = z.object({
  appId: z.string(),
  appName: z.string(),
  appStatus: z.string(),
  organizationId: z.string(),
  organizationStatus: z.string(),
  environment: z.enum(['LIVE', 'SANDBOX']),
  operator: z.boolean(),
  scopes: z.array(z.string()),
  tierScopes: z.array(z.string()),
  declaredScopes: z.array(z.string()),
  credentialId: z.string().nullable(),
  credentialExpiresAt: moment,
})
const memberSchema = z.object({
  status: z.string(),
  organizationId: z.string(),
  organizationStatus: z.string(),
  operator: z.boolean(),
  roleScopes: z.array(z.string()),
  tierScopes: z.array(z.string()),
  consentedScopes: z.array(z.string()).nullable(),
  consentExpiresAt: moment,
})
const limitsSchema = z.object({
  planId: z.string(),
  planName: z.string(),
  organizationId: z.string().nullish(),
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
  trustedDocumentsOnly: z.boolean(),
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

export type AppAnswer = z.output<typeof appSchema>
export type MemberAnswer = z.output<typeof memberSchema>
export type LimitsAnswer = z.output<typeof limitsSchema>

const memberQuery = `query MemberIdentity($memberId: ID!, $appId: ID) { memberIdentity(memberId: $memberId, appId: $appId) {
  status organizationId organizationStatus operator roleScopes tierScopes consentedScopes consentExpiresAt } }`
const appQuery = `query AppIdentity($appId: ID!, $keyHash: String, $credentialId: ID) {
  appIdentity(appId: $appId, keyHash: $keyHash, credentialId: $credentialId) {
  appId appName appStatus organizationId organizationStatus environment operator scopes tierScopes declaredScopes
  credentialId credentialExpiresAt } }`
const limitsQuery = `query AppLimits($appId: ID!) { appLimits(appId: $appId) {
  planId planName organizationId bucketSize restoreRate maxQueryCost dailyCalls monthlyCalls quotaMode endUserBucketSize
  endUserRestoreRate openStreams concurrentRequests fieldLimits { coordinate calls windowSeconds } readOnly trustedDocumentsOnly
  organization { organizationId bucketSize restoreRate monthlyCalls }
  counted { day month callsOfDay callsOfMonth organizationCallsOfMonth } } }`

/** The questions about callers that gateways ask the partner and billing subgraphs; null: there is no such. */
export interface CallerLookups {
  app(question: {
    readonly appId: string
    readonly keyHash: string | null
    readonly credentialId: string | null
  }): Promise<AppAnswer | null>
  member(question: { readonly memberId: string; readonly appId: string }): Promise<MemberAnswer | null>
  limits(appId: string): Promise<LimitsAnswer | null>
}

/** Asks over fields that no supergraph shows; SUBGRAPH_UNAVAILABLE when there is no answer. */
export function createCallerLookups(query: SystemQuery): CallerLookups {
  const system = systemCaller(['system:identity'])
  const ask = async <Shape>(
    question: { readonly subgraph: string; readonly query: string; readonly field: string },
    variables: object,
    shape: z.ZodType<Shape>,
  ): Promise<Shape | null> => {
    const { data, errors } = await query(question.subgraph, question.query, variables, system)
    if (errors?.length || !data) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'Who is calling cannot be looked up now.')
    return shape.nullable().parse(data[question.field])
  }
  return {
    app: (variables) => ask({ subgraph: 'partner', query: appQuery, field: 'appIdentity' }, variables, appSchema),
    member: (variables) =>
      ask({ subgraph: 'partner', query: memberQuery, field: 'memberIdentity' }, variables, memberSchema),
    limits: (appId) => ask({ subgraph: 'billing', query: limitsQuery, field: 'appLimits' }, { appId }, limitsSchema),
  }
}
