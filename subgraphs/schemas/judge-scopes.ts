import type { DeclaredScope } from '../../kit/schema-workshop.ts'
import { type Judgement, type JudgedChange, describeUsers, isAccepted, problemOf } from './judge-changes.ts'
import type { SchemasContext } from './schemas-context.ts'
import type { GraphEnvironment } from './subgraph-versions.ts'
import { type SchemaChangeUser, UsageUnknown, whoHolds } from './who-uses.ts'

/**
 * Judges what happens to the scopes of a subgraph: one that goes, or is described otherwise, takes from every app what it
 * was granted by it, so it breaks those that hold it, whether they have used it or not.
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
  const other = await models.versions.latest(environment === 'LIVE' ? 'SANDBOX' : 'LIVE', subgraph)
  const elsewhere = other?.retirement ? [] : (other?.scopes ?? [])
  // What is declared in LIVE goes on as it is, whatever the sandbox tries.
  const counted = (all: readonly DeclaredScope[]) => (environment === 'LIVE' ? all : missingFrom(elsewhere, all))
  const former = new Map([...elsewhere, ...scopes.before].map(({ name, description }) => [name, description]))
  const ends = [
    ...counted(missingFrom(scopes.after, scopes.before)).map(({ name }) => ({
      name,
      kind: 'SCOPE_REMOVED',
      message: `Scope '${name}' was removed`,
    })),
    ...counted(scopes.after).flatMap(({ name, description }) => {
      const words = former.get(name) ?? description
      const message = `Scope '${name}' was described otherwise: '${words}' became '${description}'`
      return words === description ? [] : [{ name, kind: 'SCOPE_DESCRIPTION_CHANGED', message }]
    }),
  ]
  let holders: ReadonlyMap<string, readonly SchemaChangeUser[]> = new Map()
  let unknown: UsageUnknown | null = null
  try {
    holders = await whoHolds(models.graph, { caller, scopes: ends.map(({ name }) => name) })
  } catch (error) {
    if (!(error instanceof UsageUnknown)) throw error
    unknown = error
  }
  const ended = ends.map(({ name, kind, message }): JudgedChange => {
    const users = holders.get(name) ?? []
    const isFree = kind === 'SCOPE_DESCRIPTION_CHANGED' && unknown === null && users.length === 0
    const change = { criticality: isFree ? 'DANGEROUS' : 'BREAKING', kind, coordinate: name, usedBy: [] } as const
    return { ...change, message, accepted: isAccepted(change, acceptBreaking), users }
  })
  const problems = ended.flatMap((change) => {
    if (change.accepted || (unknown === null && change.users.length === 0)) return []
    const problem = problemOf(change, { subgraph })
    if (unknown) return [problem('USAGE_UNKNOWN', unknown.message, 'Accept it by name in acceptBreaking.')]
    const { told, whom } = describeUsers(change.users)
    const hint = `Keep it; talk to ${whom}; or accept it by name in acceptBreaking. Who holds it then loses it for good.`
    const why =
      change.kind === 'SCOPE_REMOVED'
        ? `It was granted to ${told}.`
        : `It would let apps do what nobody agreed to. It was granted to ${told}.`
    return [problem('BREAKING_CHANGE', why, hint)]
  })
  const told = new Set(ends.map(({ name }) => name))
  const added = missingFrom(scopes.before, scopes.after).filter(({ name }) => !told.has(name))
  const fresh = added.map(({ name }): JudgedChange => {
    const change = { criticality: 'SAFE', kind: 'SCOPE_ADDED', coordinate: name, usedBy: [] } as const
    return { ...change, message: `Scope '${name}' was added`, accepted: false, users: [] }
  })
  return { changes: [...ended, ...fresh], problems }
}

function missingFrom(some: readonly DeclaredScope[], all: readonly DeclaredScope[]): readonly DeclaredScope[] {
  const names = new Set(some.map(({ name }) => name))
  return all.filter(({ name }) => !names.has(name))
}
