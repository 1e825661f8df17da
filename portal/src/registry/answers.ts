/** The app and the moment of a version, as the graph answers them. */
export interface VersionAnswer {
  id: string
  subgraph: string
  number: number
  state: 'CURRENT' | 'SUPERSEDED' | 'RETIREMENT'
  url: string
  replacesShipped: boolean
  reason: string
  author: string
  authorApp: { name: string } | null
  publishedAt: string
  supergraphNumber: number
}

export const versionFields =
  'id subgraph number state url replacesShipped reason author authorApp { name } publishedAt supergraphNumber'

/** A gateway as it was heard of last. */
export interface GatewayAnswer {
  id: string
  host: string
  productVersion: string
  startedAt: string
  seenAt: string
  supergraph: string | null
  refusedSupergraph: { name: string; reason: string } | null
  subgraphs: GatewaySubgraphAnswer[]
}

export interface GatewaySubgraphAnswer {
  name: string
  status: 'OK' | 'UNREACHABLE' | 'DIFFERS' | 'BROKEN'
  failure: string | null
  version: string | null
  calls: number
  failedCalls: number
  p95: number | null
}

export const gatewayFields = `id host productVersion startedAt seenAt supergraph refusedSupergraph { name reason }
  subgraphs { name status failure version calls failedCalls p95 }`

/** An app, its organization, what it pays and whom to write to. */
export interface AppAnswer {
  appId: string
  appName: string
  organizationName: string | null
  planName: string | null
  monthlyPrice: string | null
  contacts: { name: string; email: string }[]
}

const appFields = 'appId appName organizationName planName monthlyPrice contacts { name email }'

/** Somebody who would notice a change. */
export interface UserAnswer extends AppAnswer {
  calls: number
}

export const userFields = `${appFields} calls`

export type Severity = 'ERROR' | 'WARNING'

/** A trusted document that would fail, at a place in it, or cost more. */
export interface DocumentAnswer {
  documentId: string
  operationName: string | null
  line: number | null
  column: number | null
  costBefore: number | null
  costAfter: number | null
  costLimit: number | null
}

export interface ProblemAnswer {
  severity: Severity
  rule: string
  message: string
  subgraph: string
  coordinate: string | null
  line: number
  column: number
  hint: string | null
  query: string | null
  app: AppAnswer | null
  documents: DocumentAnswer[]
}

const problemFields = `severity rule message subgraph coordinate line column hint query app { ${appFields} }
  documents { documentId operationName line column costBefore costAfter costLimit }`

export type Criticality = 'BREAKING' | 'DANGEROUS' | 'SAFE'

export interface ChangeAnswer {
  criticality: Criticality
  kind: string
  message: string
  coordinate: string | null
  /** Those whose clients see it. */
  contracts: string[]
  accepted: boolean
  users: UserAnswer[]
}

export const changeFields = `criticality kind message coordinate contracts accepted users { ${userFields} }`

export interface CheckAnswer {
  passed: boolean
  usageDays: number
  hints: string[]
  problems: ProblemAnswer[]
  changes: ChangeAnswer[]
}

export const checkFields = `passed usageDays hints
  problems { ${problemFields} } changes { ${changeFields} }`

export interface PageInfoAnswer {
  endCursor: string | null
  hasNextPage: boolean
}
