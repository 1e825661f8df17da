import { allows } from '../../kit/access-rule.ts'
import { deprecationAt, judgeRemoval } from '../../kit/sunset.ts'
import type { NarrowedAccess, SchemaChange, SchemaProblem } from '../../kit/schema-workshop.ts'
import type { SchemasContext } from './schemas-context.ts'
import { type AskedUse, type SchemaChangeUser, UsageUnknown, useKey, whoUses } from './who-uses.ts'
import { describeApp } from './using-app.ts'

/** A change with those who would notice it. */
export interface JudgedChange extends SchemaChange {
  readonly accepted: boolean
  readonly users: readonly SchemaChangeUser[]
}

export interface Judgement {
  readonly changes: readonly JudgedChange[]
  /** What stops the candidate: breaking changes of what is used and not accepted. */
  readonly problems: readonly SchemaProblem[]
}

const dayMs = 24 * 60 * 60 * 1_000
const mostUsers = 20
const mostTold = 3
const mostChanges = 250

/** Judges changes by who has used what they concern: what breaks nobody may change freely. */
export async function judgeChanges(
  { models, caller, now }: Pick<SchemasContext, 'models' | 'caller' | 'now'>,
  changes: readonly SchemaChange[],
  options: {
    readonly subgraph: string
    readonly acceptBreaking: readonly string[]
    readonly usageDays: number
    /** The supergraph that partners build on, whose announcements count; null where nobody need be warned. */
    readonly announced: string | null
  },
): Promise<Judgement> {
  const from = new Date(now().getTime() - options.usageDays * dayMs)
  let uses: ReadonlyMap<string, readonly SchemaChangeUser[]> = new Map()
  let unknown: UsageUnknown | null = null
  try {
    uses = await whoUses(models.graph, { caller, uses: changes.flatMap(usesOf), from })
  } catch (error) {
    if (!(error instanceof UsageUnknown)) throw error
    unknown = error
  }
  const judged = changes.map((change) => ({
    ...change,
    accepted: isAccepted(change, options.acceptBreaking),
    users: change.criticality === 'SAFE' ? [] : usersOf(change, uses),
  }))
  const problems = judged.flatMap((change): SchemaProblem[] => {
    if (change.criticality !== 'BREAKING') return []
    const problem = problemOf(change, options)
    if (change.accepted) {
      const refused = unannounced(change, { ...options, organizationId: caller.organizationId, now: now() })
      return refused ? [problem('NO_NOTICE', refused.message, refused.hint)] : []
    }
    if (unknown && change.usedBy.length > 0) return [problem('USAGE_UNKNOWN', unknown.message, unknownHint)]
    if (change.users.length === 0) return []
    const { told, whom } = describeUsers(change.users)
    const message = `It was used in the last ${options.usageDays} days by ${told}.`
    const hint = `Keep it and deprecate it first; talk to ${whom}; or accept it by name in acceptBreaking.`
    return [problem('BREAKING_CHANGE', message, hint)]
  })
  return { changes: judged.slice(0, mostChanges), problems }
}

const removals: ReadonlySet<string> = new Set(['FIELD_REMOVED', 'FIELD_ARGUMENT_REMOVED'])

/** Why a removal is refused though somebody insists on it: others use it, and their notice is not over. */
function unannounced(
  { kind, coordinate, users }: JudgedChange,
  {
    announced,
    organizationId,
    usageDays,
    now,
  }: {
    readonly announced: string | null
    readonly organizationId: string
    readonly usageDays: number
    readonly now: Date
  },
): { readonly message: string; readonly hint: string } | null {
  if (announced === null || coordinate === null || !removals.has(kind)) return null
  // What the publisher's own organization uses is its own to break.
  if (users.every((user) => user.organizationId === organizationId)) return null
  const deprecation = deprecationAt(announced, coordinate)
  const verdict = judgeRemoval({ coordinate, deprecation, used: true, usageDays, overridden: true, now })
  return verdict.allowed ? null : verdict
}

const unknownHint =
  'Publish with an app that has billing:read, partner:read and apps:read, or accept the change by name in acceptBreaking.'

/** How a problem of a change is told. */
export function problemOf(change: JudgedChange, { subgraph }: { readonly subgraph: string }) {
  return (rule: string, why: string, hint: string): SchemaProblem => ({
    severity: 'ERROR',
    rule,
    message: `${change.message}. ${why}`,
    subgraph,
    coordinate: change.coordinate,
    // What was removed is no longer in the text.
    ...(change.place ?? { line: 1, column: 1 }),
    hint,
    query: null,
  })
}

/** The first few of those whom a change concerns, and whom to write to. */
export function describeUsers(users: readonly SchemaChangeUser[]): { readonly told: string; readonly whom: string } {
  const [first] = users
  const more = users.length > mostTold ? ` and ${users.length - mostTold} more` : ''
  return {
    told: `${users
      .slice(0, mostTold)
      .map((user) => describeApp(user, ...(user.calls === 0 ? [] : [`${user.calls} operations`])))
      .join('; ')}${more}`,
    whom: first?.contacts.map(({ email }) => email).join(', ') || 'its users',
  }
}

/** By its own coordinate, or by that of the type or field that it is part of. */
export function isAccepted({ coordinate }: Pick<SchemaChange, 'coordinate'>, accepted: readonly string[]): boolean {
  return coordinate !== null && accepted.some((one) => one === coordinate || coordinate.startsWith(`${one}.`))
}

/** Whether rules that became narrower keep out an app that they let in; of one whose scopes are not known, they do. */
function keepsOut(rules: readonly NarrowedAccess[], held: readonly string[] | null): boolean {
  if (held === null) return true
  const satisfies = (scopes: NarrowedAccess['after']) => allows({ authenticated: true, scopes }, { scopes: held })
  return rules.some(({ before, after }) => satisfies(before) && !satisfies(after))
}

/** What whoever would notice a change has used, and where. */
function usesOf({ usedBy, noticedIn }: SchemaChange): AskedUse[] {
  return usedBy.map((coordinate) => ({ coordinate, ...(noticedIn && { paths: noticedIn }) }))
}

function usersOf(
  change: SchemaChange,
  uses: ReadonlyMap<string, readonly SchemaChangeUser[]>,
): readonly SchemaChangeUser[] {
  const byApp = new Map<string, SchemaChangeUser>()
  const noticing = usesOf(change).flatMap((use) => {
    const rules = change.access?.filter((one) => one.coordinate === use.coordinate)
    return (uses.get(useKey(use)) ?? []).filter(({ scopes }) => rules === undefined || keepsOut(rules, scopes))
  })
  for (const user of noticing) {
    const known = byApp.get(user.appId)
    // An operation counts for each coordinate that it used: the busiest one is how many operations there were at least.
    if (known === undefined || known.calls < user.calls) byApp.set(user.appId, user)
  }
  return [...byApp.values()].toSorted((a, b) => b.calls - a.calls).slice(0, mostUsers)
}
