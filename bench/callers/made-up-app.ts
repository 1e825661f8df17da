import { scopes } from '../../schema/scopes.ts'

const soMuch = 1_000_000_000

/** An app as the partner subgraph tells of it. */
export const appIdentity = {
  appId: 'app_bench',
  appName: 'Bench',
  appStatus: 'ACTIVE',
  organizationId: 'org_bench',
  organizationStatus: 'APPROVED',
  environment: 'SANDBOX',
  operator: false,
  scopes: Object.keys(scopes),
  tierScopes: [],
  declaredScopes: [],
  credentialId: 'cred_bench',
}

/** Its limits as billing tells of them: of every kind one, which is never reached. */
export const appLimits = {
  planId: 'plan_bench',
  planName: 'Bench',
  bucketSize: soMuch,
  restoreRate: soMuch,
  maxQueryCost: soMuch,
  dailyCalls: null,
  monthlyCalls: soMuch,
  quotaMode: 'HARD',
  endUserBucketSize: soMuch,
  endUserRestoreRate: soMuch,
  openStreams: soMuch,
  concurrentRequests: soMuch,
  fieldLimits: [{ coordinate: 'Query.products', calls: soMuch, windowSeconds: 3_600 }],
  readOnly: false,
  trustedDocumentsOnly: false,
  organization: { organizationId: 'org_bench', bucketSize: soMuch, restoreRate: soMuch, monthlyCalls: soMuch },
  counted: { day: '2026-01-01', month: '2026-01', callsOfDay: 0, callsOfMonth: 0, organizationCallsOfMonth: 0 },
}
