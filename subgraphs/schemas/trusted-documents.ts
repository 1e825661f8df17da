import { z } from 'zod'
import type { GraphAsker, GraphQuestion } from '../../kit/ask-graph.ts'
import type { Caller } from '../../kit/caller.ts'
import { type UsingApp, appFields, appSchema, usingApp } from './using-app.ts'

/** An app whose documents are tried. */
export interface TriedApp extends UsingApp {
  /** The dearest operation that its plan lets pass; null where the plan is not known. */
  readonly costLimit: number | null
  /** The contracts and versions on whose paths it has called. */
  readonly paths: readonly string[]
}

export interface TrustedDocument {
  readonly documentId: string
  readonly text: string
  readonly app: TriedApp
}

export interface TrustedDocuments {
  /** One of each app in turn, so that a long list of one app keeps nobody else's from being tried. */
  readonly documents: readonly TrustedDocument[]
  /** Documents that were not read: there are too many, or it took too long. */
  readonly left: number
}

/** The documents could not be read; the message says why, for the person who publishes. */
export class DocumentsUnknown extends Error {
  override readonly name = 'DocumentsUnknown'
}

const mostDocuments = 2_000
const mostApps = 200
const usualPage = 100
/** Of the longest documents so many fit into what is taken of one answer. */
const smallPage = 20
const appsAtOnce = 20
const timeoutMs = 4_000

interface Listed {
  readonly documentId: string
  readonly text: string
  readonly appId: string
}

/**
 * The documents that apps have published and may still run, the newest ones. Asked over the graph in the name of the
 * publisher's app. Throws DocumentsUnknown when there is no answer.
 */
export async function readTrustedDocuments(
  graph: GraphAsker | undefined,
  caller: Pick<Caller, 'appId' | 'organizationId'>,
  /** Those that answer now, and since when calls on their paths count. */
  called: { readonly paths: readonly string[]; readonly from: Date },
): Promise<TrustedDocuments> {
  if (graph === undefined) throw new DocumentsUnknown('The graph cannot be asked for them here.')
  const signal = AbortSignal.timeout(timeoutMs)
  const ask = askerOf(graph, caller.appId, signal)
  const { listed, total } = await listDocuments(ask, signal)
  const appIds = [...new Set(listed.map(({ appId }) => appId))].slice(0, mostApps)
  const pathsOf = listed.length === 0 ? new Map<string, readonly string[]>() : await readPaths(ask, called)
  const apps = new Map<string, TriedApp | null>()
  for (let at = 0; at < appIds.length; at += appsAtOnce) {
    if (signal.aborted) break
    const some = appIds.slice(at, at + appsAtOnce)
    for (const [id, app] of await readApps(ask, some, caller.organizationId)) {
      apps.set(id, app && { ...app, paths: pathsOf.get(id) ?? [] })
    }
  }
  const known = listed.filter(({ appId }) => apps.has(appId))
  const runnable = known.flatMap(({ appId, ...document }) => {
    const app = apps.get(appId)
    return app ? [{ ...document, app }] : []
  })
  return { documents: inTurn(runnable), left: total - known.length }
}

type Ask = (question: Omit<GraphQuestion, 'signal'>) => Promise<unknown>

function askerOf(graph: GraphAsker, appId: string, signal: AbortSignal): Ask {
  return async (question) => {
    const answer = await graph.askAs(appId, { ...question, signal }).catch((error: unknown) => {
      throw new DocumentsUnknown('The graph did not answer which there are.', { cause: error })
    })
    const [first] = answer.errors ?? []
    if (first) throw new DocumentsUnknown(`They could not be read: ${first.message}`)
    return answer.data
  }
}

const pageSchema = z.object({
  trustedDocuments: z.object({
    totalCount: z.number(),
    nodes: z.array(z.object({ documentId: z.string(), text: z.string(), app: z.object({ id: z.string() }) })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})
const pageQuery = `query TrustedDocuments($first: Int!, $after: String) {
  trustedDocuments(first: $first, after: $after) {
    totalCount nodes { documentId text app { id } } pageInfo { hasNextPage endCursor }
  }
}`

async function listDocuments(
  ask: Ask,
  signal: AbortSignal,
): Promise<{ readonly listed: readonly Listed[]; readonly total: number }> {
  const listed: Listed[] = []
  let [after, first, total]: [string | null, number, number] = [null, usualPage, 0]
  do {
    const variables: GraphQuestion['variables'] = { first, after }
    // A page of very long documents is more than is taken of one answer.
    const answer = await ask({ query: pageQuery, variables }).catch((error: unknown) => {
      if (signal.aborted || first === smallPage) return error
      first = smallPage
      return ask({ query: pageQuery, variables: { first, after } })
    })
    const parsed = pageSchema.safeParse(answer)
    if (!parsed.success) {
      // What was read before time was up is tried.
      if (signal.aborted && listed.length > 0) break
      throw answer instanceof Error ? answer : new DocumentsUnknown('The graph has answered them in another shape.')
    }
    const { totalCount, nodes, pageInfo } = parsed.data.trustedDocuments
    total = totalCount
    listed.push(...nodes.map(({ documentId, text, app }) => ({ documentId, text, appId: app.id })))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null && listed.length < mostDocuments && !signal.aborted)
  return { listed, total: Math.max(total, listed.length) }
}

const pathsSchema = z.object({
  usage: z.object({ nodes: z.array(z.object({ keys: z.array(z.object({ value: z.string() })) })) }),
})
const pathsQuery = `query Paths($contracts: [String!]!, $from: DateTimeISO!) {
  usage(first: 250, groupBy: [APP, CONTRACT], contracts: $contracts, from: $from, orderBy: CALLS) {
    nodes { keys { value } }
  }
}`

/** On which of these paths each app has called; of the busiest 250 pairs. */
async function readPaths(
  ask: Ask,
  { paths, from }: { readonly paths: readonly string[]; readonly from: Date },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  if (paths.length === 0) return found
  const variables = { contracts: [...paths], from: from.toISOString() }
  const parsed = pathsSchema.safeParse(await ask({ query: pathsQuery, variables }))
  if (!parsed.success) throw new DocumentsUnknown('The graph has answered otherwise on which paths apps call.')
  for (const { keys } of parsed.data.usage.nodes) {
    const [app, path] = keys
    if (app && path) found.set(app.value, [...(found.get(app.value) ?? []), path.value].toSorted())
  }
  return found
}

const limitsSchema = z.object({ maxQueryCost: z.number(), bucketSize: z.number() })
const triedAppSchema = appSchema.extend({
  id: z.string(),
  status: z.string(),
  plan: z.object({ ...appSchema.shape.plan.unwrap().shape, limits: limitsSchema }).nullable(),
})
const plansSchema = z.object({
  nodes: z.array(z.object({ isDefault: z.boolean(), name: z.string(), limits: limitsSchema })),
})

function appsQuery(count: number): string {
  const indexes = [...Array(count).keys()]
  return `query TrustingApps(${indexes.map((index) => `$a${index}: ID!`).join(', ')}) {
  plans(first: 100, status: ACTIVE) { nodes { isDefault name limits { maxQueryCost bucketSize } } }
  ${indexes.map((index) => `a${index}: app(id: $a${index}) { ...App }`).join('\n  ')}
}
fragment App on App {
  id
  status
  plan { limits { maxQueryCost bucketSize } }
  ${appFields}
}`
}

/** The apps that may still call; null for those that may not. */
async function readApps(
  ask: Ask,
  ids: readonly string[],
  operatorId: string,
): Promise<(readonly [string, Omit<TriedApp, 'paths'> | null])[]> {
  const variables = Object.fromEntries(ids.map((id, index) => [`a${index}`, id]))
  const parsed = z
    .object({ plans: plansSchema })
    .catchall(triedAppSchema.nullable())
    .safeParse(await ask({ query: appsQuery(ids.length), variables }))
  if (!parsed.success) throw new DocumentsUnknown('The graph has answered their apps in another shape.')
  const { plans, ...apps } = parsed.data
  const byDefault = plans.nodes.find(({ isDefault }) => isDefault)
  return ids.map((id, index) => {
    const app = apps[`a${index}`]
    if (!app || app.status !== 'ACTIVE') return [id, null]
    // An app without a subscription has the limits of the default plan.
    const limits = (app.plan ?? byDefault)?.limits
    const using = usingApp(id, app, operatorId)
    const planName = using.planName ?? byDefault?.name ?? null
    const costLimit = limits ? Math.min(limits.maxQueryCost, limits.bucketSize) : null
    return [id, { ...using, planName, costLimit }]
  })
}

function inTurn(documents: readonly TrustedDocument[]): TrustedDocument[] {
  const seen = new Map<string, number>()
  return documents
    .map((document) => {
      const round = seen.get(document.app.appId) ?? 0
      seen.set(document.app.appId, round + 1)
      return { document, round }
    })
    .toSorted((a, b) => a.round - b.round)
    .map(({ document }) => document)
}
