import { z } from 'zod'
import type { Caller } from '../../kit/caller.ts'
import type { GraphAsker, GraphQuestion } from '../../kit/ask-graph.ts'
import { type UsingApp, appFields, appSchema, usingApp } from './using-app.ts'

/** An app that has used something. */
export interface SchemaChangeUser extends UsingApp {
  readonly calls: number
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
      return [scope, holders.map((app) => ({ ...usingApp(app.id, app, operatorId), calls: 0 }))]
    }),
  )
}

/** The gateway takes at most 30 root fields in an operation. */
const coordinatesAtOnce = 20
const mostCoordinates = 400
const timeoutMs = 9_000

/**
 * The apps that used each of these coordinates since a moment, the busiest first. Asked over the graph in the name of the
 * publisher's app, so that it tells nobody what the app may not read. Apps of the publisher's own organization, the
 * operator, hold what tiers give.
 */
export async function whoUses(
  graph: GraphAsker | undefined,
  {
    caller: { appId, organizationId },
    coordinates,
    from,
  }: {
    readonly caller: Pick<Caller, 'appId' | 'organizationId'>
    readonly coordinates: readonly string[]
    readonly from: Date
  },
): Promise<ReadonlyMap<string, readonly SchemaChangeUser[]>> {
  const found = new Map<string, readonly SchemaChangeUser[]>()
  if (coordinates.length === 0) return found
  if (coordinates.length > mostCoordinates) {
    throw new UsageUnknown(
      `It concerns ${coordinates.length} coordinates, and at most ${mostCoordinates} are looked at.`,
    )
  }
  const signal = AbortSignal.timeout(timeoutMs)
  for (let at = 0; at < coordinates.length; at += coordinatesAtOnce) {
    const asked = coordinates.slice(at, at + coordinatesAtOnce)
    const variables = Object.fromEntries(asked.map((coordinate, index) => [`c${index}`, coordinate]))
    const question = {
      appId,
      query: queryOf(asked.length),
      variables: { ...variables, from: from.toISOString() },
      signal,
    }
    const data = await askFor(graph, question, usesSchema)
    for (const [index, coordinate] of asked.entries()) {
      const users = (data[`u${index}`]?.nodes ?? []).flatMap((node) => toUser(node, organizationId))
      found.set(coordinate, users)
    }
  }
  return found
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
    z.object({ calls: z.number(), keys: z.array(z.object({ value: z.string() })), app: appSchema.nullable() }),
  ),
})
const usesSchema = z.record(z.string(), usageSchema)
const holdersSchema = z.record(z.string(), z.object({ nodes: z.array(appSchema.extend({ id: z.string() })) }))

const ownedFragment = `fragment Owned on App { ${appFields} }`

function queryOf(count: number): string {
  const indexes = [...Array(count).keys()]
  return `query WhoUses($from: DateTimeISO!, ${indexes.map((index) => `$c${index}: String!`).join(', ')}) {
${indexes.map((index) => `  u${index}: usage(first: 20, groupBy: [APP], coordinate: $c${index}, from: $from, orderBy: CALLS) { ...Users }`).join('\n')}
}
fragment Users on UsageConnection {
  nodes { calls keys { value } app { ...Owned } }
}
${ownedFragment}`
}

function toUser(
  { calls, keys, app }: z.output<typeof usageSchema>['nodes'][number],
  operatorId: string,
): SchemaChangeUser[] {
  const [key] = keys
  return key === undefined ? [] : [{ ...usingApp(key.value, app, operatorId), calls }]
}
