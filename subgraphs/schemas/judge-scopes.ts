import type { DeclaredScope } from '../../kit/schema-workshop.ts'
import { type Judgement, type JudgedChange, describeUsers, isAccepted, problemOf } from './judge-changes.ts'
import type { SchemasContext } from './schemas-context.ts'
import type { GraphEnvironment } from './subgraph-versions.ts'
import { type SchemaChangeUser, UsageUnknown, whoHolds } from './who-uses.ts'

/**
 * Judges what happens to the scopes of a subgraph: one that goes takes from every app what it was granted by it, so it
 * breaks those that hold it, whether they have used it or not.
 */
export async function judgeScopes(
  { models, caller }: Pick<SchemasContext, 'models' | 'caller'>,
  options: {
    readonly environment: GraphEnvironment
    readonly subgraph: string
    readonly scopes: { readonly before: readonly DeclaredScope[]; readonly after: readonly DeclaredScope[] }
    readonly acceptBreaking: readonly string[]
  },
): Promise<Judgement> {
  const { environment, subgraph, scopes, acceptBreaking } = options
  const added = missingFrom(scopes.before, scopes.after)
  let removed = missingFrom(scopes.after, scopes.before)
  if (environment === 'SANDBOX' && removed.length > 0) {
    // What is declared in LIVE goes on, whatever the sandbox tries.
    const live = await models.versions.latest('LIVE', subgraph)
    removed = missingFrom(live?.retirement ? [] : (live?.scopes ?? []), removed)
  }
  let holders: ReadonlyMap<string, readonly SchemaChangeUser[]> = new Map()
  let unknown: UsageUnknown | null = null
  try {
    holders = await whoHolds(models.graph, { caller, scopes: removed.map(({ name }) => name) })
  } catch (error) {
    if (!(error instanceof UsageUnknown)) throw error
    unknown = error
  }
  const gone = removed.map(({ name }): JudgedChange => {
    const change = { criticality: 'BREAKING', kind: 'SCOPE_REMOVED', coordinate: name, usedBy: [] } as const
    const message = `Scope '${name}' was removed`
    return { ...change, message, accepted: isAccepted(change, acceptBreaking), users: holders.get(name) ?? [] }
  })
  const problems = gone.flatMap((change) => {
    if (change.accepted || (unknown === null && change.users.length === 0)) return []
    const problem = problemOf(change, { subgraph })
    if (unknown) return [problem('USAGE_UNKNOWN', unknown.message, 'Accept it by name in acceptBreaking.')]
    const { told, whom } = describeUsers(change.users)
    const hint = `Keep it; talk to ${whom}; or accept it by name in acceptBreaking. Who holds it then loses it for good.`
    return [problem('BREAKING_CHANGE', `It was granted to ${told}.`, hint)]
  })
  const fresh = added.map(({ name }): JudgedChange => {
    const change = { criticality: 'SAFE', kind: 'SCOPE_ADDED', coordinate: name, usedBy: [] } as const
    return { ...change, message: `Scope '${name}' was added`, accepted: false, users: [] }
  })
  return { changes: [...gone, ...fresh], problems }
}

function missingFrom(some: readonly DeclaredScope[], all: readonly DeclaredScope[]): readonly DeclaredScope[] {
  const names = new Set(some.map(({ name }) => name))
  return all.filter(({ name }) => !names.has(name))
}
