import { type Contracts, stateOfVersion } from '../../kit/contracts.ts'
import type { EventTypeDeclaration } from '../../kit/declared-event-types.ts'
import type { ComposedTexts, DeclaredScope, SchemaProblem, SubgraphText } from '../../kit/schema-workshop.ts'
import { type JudgedChange, judgeChanges } from './judge-changes.ts'
import { judgeDocuments } from './judge-documents.ts'
import { judgeScopes } from './judge-scopes.ts'
import type { SchemasContext } from './schemas-context.ts'
import type { GraphEnvironment, StoredCheck, SubgraphVersion } from './subgraph-versions.ts'
import type { Supergraph } from './supergraphs.ts'
import { DocumentsUnknown, readTrustedDocuments } from './trusted-documents.ts'

/** One change of an environment's graph: a subgraph that comes, changes, or (without a text) goes. */
export interface Publication {
  readonly environment: GraphEnvironment
  readonly subgraph: string
  readonly text: { readonly url: string; readonly sdl: string; readonly replacesShipped: boolean } | null
  readonly acceptBreaking: readonly string[]
  readonly usageDays: number
}

/** What a publication would come to, and what it was checked against. */
export interface CheckedPublication {
  readonly check: StoredCheck
  /** Null when it does not compose. */
  readonly composed: ComposedTexts | null
  /** The supergraph of before; null when nothing was published. */
  readonly before: Supergraph | null
  /** The other published subgraphs. */
  readonly others: readonly SubgraphVersion[]
  /** The scopes that the subgraph declares in the graph now, and those that it would. */
  readonly scopes: { readonly before: readonly DeclaredScope[]; readonly after: readonly DeclaredScope[] }
  /** The types of events that it would declare. */
  readonly eventTypes: readonly EventTypeDeclaration[]
}

const mostProblems = 200
const dayMs = 24 * 60 * 60 * 1_000
/** Days of usage by which publications are judged. */
export const publicationUsageDays = 30

/** Composes the environment's graph as it would be, checks it and judges what changes. Stores nothing. */
export async function checkPublication(
  context: Pick<SchemasContext, 'models' | 'caller' | 'now'>,
  { environment, subgraph, text, acceptBreaking, usageDays }: Publication,
): Promise<CheckedPublication> {
  const { models } = context
  const office = models.office()
  const { supergraph: before, versions } = await models.served(environment)
  const others = versions.filter((version) => version.subgraph !== subgraph)
  const services = withPublished(office.shipped, [
    ...others.map(({ subgraph: name, url, sdl }) => ({ name, url, sdl })),
    ...(text ? [{ name: subgraph, url: text.url, sdl: text.sdl }] : []),
  ])
  const served = {
    supergraphSdl: before?.sdl ?? office.shippedSupergraph(),
    apiSdl: before?.apiSdl ?? (await office.shippedApi()),
  }
  const { sdls } = await office.editionsOf(served.supergraphSdl)
  const [found, trusted] = await Promise.all([
    office.workshop.check({
      services,
      changed: text ? subgraph : null,
      before: served,
      contracts: { ...office.contracts, sdls, now: context.now() },
    }),
    readTrustedDocuments(models.graph, context.caller, {
      paths: answeringPaths(office.contracts, context.now()),
      from: new Date(context.now().getTime() - usageDays * dayMs),
    }).catch((error: unknown) => {
      if (error instanceof DocumentsUnknown) return error
      throw error
    }),
  ])
  // The sandbox is where teams try what they will announce.
  const announced = environment === 'LIVE' ? served.supergraphSdl : null
  const options = { subgraph, acceptBreaking, usageDays, announced }
  const [{ changes, problems }, ofDocuments] = await Promise.all([
    judgeChanges(context, found.changes, options),
    judgeDocuments(context, trusted, {
      subgraph,
      acceptBreaking,
      before: served,
      after: found.composed,
      changes: found.changes,
      editions: async (after) => ({ before: sdls, after: (await office.editionsOf(after.supergraphSdl)).sdls }),
    }),
  ])
  const declaredBefore = versions.find((version) => version.subgraph === subgraph)?.scopes ?? []
  const scopes = { before: declaredBefore, after: found.scopes }
  // What cannot be read declares nothing, and takes nothing away either.
  const judged = found.composed
    ? await judgeScopes(context, { environment, subgraph, scopes, acceptBreaking })
    : { changes: [], problems: [] }
  const all = [...judged.problems, ...problems, ...ofDocuments, ...found.problems]
    .toSorted((a, b) => Number(a.severity === 'WARNING') - Number(b.severity === 'WARNING'))
    .slice(0, mostProblems)
  const hints = found.composed?.hints.slice(0, 50) ?? []
  const passed = !all.some(({ severity }) => severity === 'ERROR')
  const check = { passed, problems: all, changes: [...judged.changes, ...changes], hints, usageDays }
  return { check, composed: found.composed, before, others, scopes, eventTypes: found.eventTypes }
}

/** Contracts and versions that answer now. */
function answeringPaths({ contracts, versions }: Contracts, now: Date): string[] {
  const supported = versions.filter((version) => stateOfVersion(version, now) === 'SUPPORTED')
  return [...contracts.map(({ name }) => name), ...supported.map(({ version }) => version)]
}

/** The shipped subgraphs with the published ones beside them, or in the place of those of the same name. */
function withPublished(shipped: readonly SubgraphText[], published: readonly SubgraphText[]): SubgraphText[] {
  const names = new Set(published.map(({ name }) => name))
  return [...shipped.filter(({ name }) => !names.has(name)), ...published]
}

/** What of a check is kept: whom to write to is looked up when somebody asks, and not stored. */
export function storedCheck(check: StoredCheck): StoredCheck {
  const problems = check.problems.map((problem) =>
    problem.app ? { ...problem, app: { ...problem.app, contacts: [] } } : problem,
  )
  return { ...check, problems, changes: check.changes.map(withoutPeople) }
}

function withoutPeople(change: JudgedChange): JudgedChange {
  return { ...change, users: change.users.map((user) => ({ ...user, contacts: [] })) }
}

/** The errors of a check, one for each that a client is to mend. */
export function errorsOf({ problems }: StoredCheck): readonly SchemaProblem[] {
  return problems.filter(({ severity }) => severity === 'ERROR')
}
