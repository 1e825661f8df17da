import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import type { GraphAsker } from '../../kit/ask-graph.ts'
import { seededId } from '../../kit/ids.ts'

const northwindPortal = seededId('App', 'northwind-portal')

/** An app as the graph answers it to who asks who builds on it. */
export const northwind = {
  id: northwindPortal,
  status: 'ACTIVE',
  name: 'Northwind Partner Portal',
  scopes: ['partner:read', 'deals:read'],
  plan: {
    name: 'Partner Gold',
    monthlyPrice: { amount: '490.00', currencyCode: 'EUR' },
    limits: { maxQueryCost: 100, bucketSize: 200 },
  },
  organization: {
    id: seededId('Organization', 'northwind'),
    name: 'Northwind',
    tier: { grants: ['inventory:quantities'] },
    members: { nodes: [{ name: 'Pieter Nilsen', email: 'pieter@northwind.example', role: 'ADMIN' }] },
  },
}

const api = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))

type AnsweredApp = Omit<typeof northwind, 'plan'> & { readonly plan: typeof northwind.plan | null }

/** What a registry learns of the graph, as a test has set it: usage, apps and their documents. */
export function createAskedGraph() {
  /** Coordinates that the app of Northwind used, on whatever path. */
  const used = new Set<string>()
  /** What it used on the path of a contract or version alone: `partner Query.products`, or `partner` by itself. */
  const usedOn = new Set<string>()
  /** Which app has asked, each time. */
  const asked: string[] = []
  const apps = new Map<string, AnsweredApp>([[northwindPortal, northwind]])
  const documents: { readonly text: string; readonly appId: string }[] = []
  /** A message with which the list of documents is refused. */
  const refusal: { message: string | null } = { message: null }

  const usageOf = (variables: Readonly<Record<string, unknown>>) =>
    Object.entries(variables).flatMap(([name, coordinate]) => {
      if (!name.startsWith('c')) return []
      const paths = variables[`p${name.slice(1)}`] as readonly string[] | null
      const isUsed =
        used.has(String(coordinate)) ||
        [...usedOn].some((use) => {
          const [path = '', what = null] = use.split(' ')
          return what === coordinate && (paths === null || paths.includes(path))
        })
      const nodes = isUsed
        ? [{ calls: 12, lastDay: '2026-11-20', keys: [{ value: northwindPortal }], app: northwind }]
        : []
      return [[`u${name.slice(1)}`, { nodes }]]
    })
  const pageOf = ({ first, after }: Readonly<Record<string, unknown>>) => {
    const from = Number(after ?? 0)
    const to = from + Number(first)
    return {
      totalCount: documents.length,
      nodes: documents.slice(from, to).map(({ text, appId }) => ({ documentId: idOf(text), text, app: { id: appId } })),
      pageInfo: { hasNextPage: to < documents.length, endCursor: String(to) },
    }
  }
  const plans = { nodes: [{ isDefault: true, name: 'Trial', limits: { maxQueryCost: 10, bucketSize: 1_000 } }] }
  const graph: GraphAsker = {
    askAs(appId, { query, variables }) {
      asked.push(appId)
      const [fault] = validate(api, parse(query))
      if (fault) throw fault
      if (query.includes('trustedDocuments(')) {
        const { message } = refusal
        if (message !== null)
          return Promise.resolve({ data: null, errors: [{ message, extensions: { code: 'FORBIDDEN' } }] })
        return Promise.resolve({ data: { trustedDocuments: pageOf(variables) } })
      }
      if (query.includes('query Paths')) {
        const called = [...usedOn].filter((path) => (variables['contracts'] as readonly string[]).includes(path))
        const nodes = called.map((path) => ({ keys: [{ value: northwindPortal }, { value: path }] }))
        return Promise.resolve({ data: { usage: { nodes } } })
      }
      const entries = query.includes('app(id:')
        ? [['plans', plans], ...Object.entries(variables).map(([name, id]) => [name, apps.get(String(id)) ?? null])]
        : usageOf(variables)
      return Promise.resolve({ data: Object.fromEntries(entries) as Record<string, unknown> })
    },
  }
  return { graph, used, usedOn, asked, apps, documents, refusal }
}

/** The id of a document. */
export function idOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
