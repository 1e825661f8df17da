import { z } from 'zod'
import type { Caller } from '../../kit/caller.ts'
import type { GraphAsker, GraphQuestion } from '../../kit/ask-graph.ts'
import type { SchemasContext } from './schemas-context.ts'
import { type UsingApp, appFields, appSchema, usingApp } from './using-app.ts'

/** An app that has used something. */
export interface SchemaChangeUser extends UsingApp {
  readonly calls: number
  /** The last day (UTC) on which it did; null for one that need not have, and absent in checks of before it was told. */
  readonly lastDay?: string | null
}

/** What may have been used, and on the paths of which contracts and versions: null is the whole graph's. */
export interface AskedUse {
  /** Null for anything at all. */
  readonly coordinate: string | null
  /** Absent for any. */
  readonly paths?: readonly (string | null)[]
}

/** Usage could not be read; the message says why, for the person who publishes. */
export class UsageUnknown extends Error {
  override readonly name = 'UsageUnknown'
}

/**
 * The apps that were granted each of these scopes, by name. Asked as `whoUses` asks, and in one operation: a subgraph has
 * at most 20 scopes.
 */
export async function whoHolds(
  graph: GraphAsker | undefined,
  {
    caller: { appId, organizationId: operatorId },
    scopes,
  }: { readonly caller: Pick<Caller, 'appId' | 'organizationId'>; readonly scopes: readonly string[] },
): Promise<ReadonlyMap<string, readonly SchemaChangeUser[]>> {
  if (scopes.length === 0) return new Map()
  const query = `query WhoHolds(${scopes.map((_, index) => `$s${index}: String!`).join(', ')}) {
${scopes.map((_, index) => `  h${index}: apps(first: 20, status: ACTIVE, scope: $s${index}) { nodes { id ...Owned } }`).join('\n')}
}
${ownedFragment}`
  const variables = Object.fromEntries(scopes.map((scope, index) => [`s${index}`, scope]))
  const data = await askFor(graph, { appId, query, variables, signal: AbortSignal.timeout(timeoutMs) }, holdersSchema)
  return new Map(
    scopes.map((scope, index) => {
      const holders = data[`h${index}`]?.nodes ?? []
      return [scope, holders.map((app) => ({ ...usingApp(app.id, app, operatorId), calls: 0, lastDay: null }))]
    }),
  )
}

/** The gateway takes at most 30 root fields in an operation. */
const usesAtOnce = 20
const mostUses = 400
/** How usage names the path of the whole graph. */
const wholeGraph = 'NONE'
const timeoutMs = 9_000

/**
 * The apps that used each of these since a moment, the busiest first, by `useKey`. Asked over the graph in the name of the
 * publisher's app, so that it tells nobody what the app may not read. Apps of the publisher's own organization, the
 * operator, hold what tiers give.
 */
export async function whoUses(
  graph: GraphAsker | undefined,
  {
    caller: { appId, organizationId },
    uses,
    from,
  }: {
    readonly caller: Pick<Caller, 'appId' | 'organizationId'>
    readonly uses: readonly AskedUse[]
    readonly from: Date
  },
): Promise<ReadonlyMap<string, readonly SchemaChangeUser[]>> {
  const found = new Map<string, readonly SchemaChangeUser[]>()
  const distinct = [...new Map(uses.map((use) => [useKey(use), use]))]
  if (distinct.length > mostUses) {
    throw new UsageUnknown(`It concerns ${distinct.length} coordinates, and at most ${mostUses} are looked at.`)
  }
  const signal = AbortSignal.timeout(timeoutMs)
  for (let at = 0; at < distinct.length; at += usesAtOnce) {
    const asked = distinct.slice(at, at + usesAtOnce)
    const variables = Object.fromEntries(
      asked.flatMap(([, { coordinate, paths }], index) => [
        [`c${index}`, coordinate],
        [`p${index}`, paths?.map((path) => path ?? wholeGraph) ?? null],
      ]),
    )
    const question = {
      appId,
      query: queryOf(asked.length),
      variables: { ...variables, from: from.toISOString() },
      signal,
    }
    const data = await askFor(graph, question, usesSchema)
    for (const [index, [key]] of asked.entries()) {
      found.set(
        key,
        (data[`u${index}`]?.nodes ?? []).flatMap((node) => toUser(node, organizationId)),
      )
    }
  }
  return found
}

const longestUsageDays = 90
const dayMs = 24 * 60 * 60 * 1_000

/**
 * Finds the users of each of these within some days, 1 to 90, in one question, and none where nobody wants to know; null
 * where the caller's app may not read usage.
 */
export function usersWithin(
  { models, caller, now }: Pick<SchemasContext, 'models' | 'caller' | 'now'>,
  { uses, usageDays }: { readonly uses: readonly AskedUse[]; readonly usageDays: number },
): (use: AskedUse) => Promise<readonly SchemaChangeUser[] | null> {
  const days = Math.max(1, Math.min(longestUsageDays, usageDays))
  let asked: Promise<ReadonlyMap<string, readonly SchemaChangeUser[]> | null> | undefined
  const ask = () =>
    whoUses(models.graph, { caller, uses, from: new Date(now().getTime() - days * dayMs) }).catch((error: unknown) => {
      if (error instanceof UsageUnknown) return null
      throw error
    })
  return async (use) => {
    const known = await (asked ??= ask())
    return known && (known.get(useKey(use)) ?? [])
  }
}

/** By which the users of a use are found. */
export function useKey({ coordinate, paths }: AskedUse): string {
  return JSON.stringify([coordinate, paths?.toSorted() ?? null])
}

async function askFor<Shape>(
  graph: GraphAsker | undefined,
  { appId, ...question }: GraphQuestion & { readonly appId: string },
  shape: z.ZodType<Shape>,
): Promise<Shape> {
  if (graph === undefined) throw new UsageUnknown('The graph cannot be asked for it here.')
  const answer = await graph.askAs(appId, question).catch((error: unknown) => {
    throw new UsageUnknown('The graph did not answer who uses it.', { cause: error })
  })
  const parsed = shape.safeParse(answer.data)
  if (parsed.success && !answer.errors?.length) return parsed.data
  const [first] = answer.errors ?? []
  throw new UsageUnknown(`Usage could not be read: ${first?.message ?? 'the answer has another shape.'}`)
}

const usageSchema = z.object({
  nodes: z.array(
    z.object({
      calls: z.number(),
      lastDay: z.string(),
      keys: z.array(z.object({ value: z.string() })),
      app: appSchema.nullable(),
    }),
  ),
})
const usesSchema = z.record(z.string(), usageSchema)
const holdersSchema = z.record(z.string(), z.object({ nodes: z.array(appSchema.extend({ id: z.string() })) }))

const ownedFragment = `fragment Owned on App { ${appFields} }`

function queryOf(count: number): string {
  const indexes = [...Array(count).keys()]
  return `query WhoUses($from: DateTimeISO!, ${indexes.map((index) => `$c${index}: String, $p${index}: [String!]`).join(', ')}) {
${indexes.map((index) => `  u${index}: usage(first: 20, groupBy: [APP], coordinate: $c${index}, contracts: $p${index}, from: $from, orderBy: CALLS) { ...Users }`).join('\n')}
}
fragment Users on UsageConnection {
  nodes { calls lastDay keys { value } app { ...Owned } }
}
${ownedFragment}`
}

function toUser(
  { calls, lastDay, keys, app }: z.output<typeof usageSchema>['nodes'][number],
  operatorId: string,
): SchemaChangeUser[] {
  const [key] = keys
  return key === undefined ? [] : [{ ...usingApp(key.value, app, operatorId), calls, lastDay }]
}
