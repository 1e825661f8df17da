import { readFileSync } from 'node:fs'
import { buildSchema, GraphQLError } from 'graphql'
import type { MockGraphOptions } from './mock-graph.ts'

/** The graph as clients see it: a page that asks for what is not in it fails. */
const schema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'), {
  assumeValidSDL: true,
})

/** The text of a subgraph; problems of the registry have their places in it. */
export const mockSdl = ({
  key = 'id',
  field = 'loyaltyPoints',
} = {}): string => `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])

"A partner."
type Organization @key(fields: "${key}") @authenticated {
  ${key}: ID!
  ${field}: Int
}
`

const address = 'https://loyalty.internal/graphql'
const at = '2026-11-02T09:30:00.000Z'

const northwind = {
  appId: 'app_northwind',
  appName: 'Northwind Partner Portal',
  organizationName: 'Northwind IT Solutions',
  planName: 'Partner Gold',
  monthlyPrice: '490.00 EUR',
  calls: 1_200,
  contacts: [{ name: 'Pieter Nilsen', email: 'pieter.nilsen@northwind.example' }],
}

const problem = (fields: object) => ({
  severity: 'ERROR',
  rule: 'POLICY',
  message: 'Organization.loyaltyPoints has no access rule.',
  subgraph: 'loyalty',
  coordinate: 'Organization.loyaltyPoints',
  line: 1,
  column: 1,
  hint: null,
  query: null,
  app: null,
  documents: [],
  ...fields,
})

const document = (fields: object) => ({
  documentId: `sha256:${'0a'.repeat(32)}`,
  operationName: 'Points',
  line: null,
  column: null,
  costBefore: null,
  costAfter: null,
  costLimit: 10_000,
  ...fields,
})

const tenancy = problem({
  severity: 'WARNING',
  rule: 'TENANCY',
  message: 'Organization does not say whose data it holds.',
  coordinate: 'Organization',
  line: 4,
  column: 6,
  hint: 'Add @tenancy.',
})

const added = {
  criticality: 'SAFE',
  kind: 'FIELD_ADDED',
  message: "Field 'loyaltyPoints' was added",
  coordinate: 'Organization.loyaltyPoints',
  contracts: ['partner', 'internal'],
  accepted: false,
  users: [],
}

const passed = { passed: true, usageDays: 30, hints: [], problems: [tenancy], changes: [added] }

const version = (number: number) => ({
  id: `sgv_${number}`,
  environment: 'LIVE',
  subgraph: 'loyalty',
  number,
  state: number === 30 ? 'CURRENT' : 'SUPERSEDED',
  url: address,
  sdl: mockSdl(),
  replacesShipped: false,
  reason: `Change number ${number}.`,
  author: 'app_operator',
  authorApp: null,
  publishedAt: at,
  supergraphNumber: number,
  check: passed,
})

const gateway = {
  id: 'gw_1',
  host: 'gateway-a',
  productVersion: '0.1.0',
  startedAt: at,
  seenAt: at,
  supergraph: '29',
  refusedSupergraph: { name: '30', reason: 'A directive that nobody knows.' },
  subgraphs: [
    {
      name: 'loyalty',
      status: 'UNREACHABLE',
      failure: 'tcp: connect ECONNREFUSED',
      version: null,
      calls: 20,
      failedCalls: 7,
      p95: 12.5,
    },
  ],
}

function denied(): never {
  throw new GraphQLError('It needs schemas:read.', { extensions: { code: 'FORBIDDEN' } })
}

/** A registry of thirty versions of one subgraph; whose text has a word in it is checked with that outcome. */
export function mockRegistry({ mayRead = true }: { mayRead?: boolean } = {}): NonNullable<MockGraphOptions['graph']> {
  let late = true
  const outcomes: Readonly<Record<string, () => object>> = {
    nickname: () => ({
      ...passed,
      passed: false,
      changes: [],
      problems: [
        problem({
          rule: 'SATISFIABILITY',
          message: `The following supergraph API query: { … } cannot be satisfied by the subgraphs because: ${'no key fits. '.repeat(60)}`,
          line: 5,
          column: 3,
          query: '{\n  myOrganization {\n    nickname\n  }\n}',
        }),
        ...[...Array(39).keys()].map((index) => problem({ line: index + 2 })),
      ],
    }),
    badges: () => ({
      ...passed,
      passed: false,
      problems: [
        problem({ rule: 'BREAKING_CHANGE', message: "Field 'loyaltyPoints' was removed. It was used." }),
        problem({
          rule: 'TRUSTED_DOCUMENT',
          message: 'A trusted document would fail.',
          coordinate: null,
          app: northwind,
          documents: [document({ line: 1, column: 35 })],
        }),
        problem({
          rule: 'OPERATION_COST',
          message: 'A trusted document would cost more than the plan allows.',
          coordinate: null,
          app: northwind,
          documents: [document({ costBefore: 1, costAfter: 20_001 })],
        }),
      ],
      changes: [
        { ...added, criticality: 'BREAKING', message: "Field 'loyaltyPoints' was removed", users: [northwind] },
      ],
    }),
    slowly() {
      if (!late) return { ...passed, problems: [], changes: [] }
      late = false
      throw new GraphQLError('Too late.', { extensions: { code: 'SUBGRAPH_TIMEOUT' } })
    },
  }
  const answers: Readonly<Record<string, (args: never) => unknown>> = {
    publishedSubgraphs: ({ environment }: { environment: string }) => (environment === 'LIVE' ? [version(30)] : []),
    gateways: () => [gateway],
    subgraphVersions({ first, after }: { first: number; after?: string | null }) {
      const from = Number(after ?? 0)
      const nodes = [...Array(30).keys()].map((index) => version(30 - index)).slice(from, from + first)
      const end = from + nodes.length
      return {
        totalCount: 30,
        nodes,
        pageInfo: { endCursor: String(end), hasNextPage: end < 30, hasPreviousPage: from > 0 },
      }
    },
    subgraphVersion: ({ id }: { id: string }) => (id === 'sgv_30' ? version(30) : null),
    supergraph: () => ({ number: 30 }),
    supergraphChanges: ({ from, to }: { from: number; to: number }) => (to > from ? [added] : []),
    schemaDeprecations: () => [
      {
        coordinate: 'Organization.level',
        reason: 'Levels have names.',
        sunset: '2027-03-01',
        replacement: 'Organization.levelName',
        brownouts: [{ from: at, to: at }],
        users: [northwind],
      },
    ],
    checkSubgraph({ input }: { input: { sdl: string } }) {
      const word = Object.keys(outcomes).find((each) => input.sdl.includes(each))
      return word === undefined ? passed : outcomes[word]?.()
    },
  }
  const root = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, mayRead ? answer : denied]))
  return { schema, root }
}
