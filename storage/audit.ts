import type { ClientSession, Connection, mongo } from 'mongoose'
import type { Caller } from '../kit/caller.ts'
import { createId, idPrefixes } from '../kit/ids.ts'
import { type AuditedValue, auditedValue } from './audited-value.ts'

/** A field that was changed, with what it was and is; null for what is not told (see `audited-value.ts`). */
export interface AuditChange {
  readonly subjectId: string
  readonly field: string
  readonly before: AuditedValue
  readonly after: AuditedValue
}

/** Who did what to whom. Only ever added, and cut away when it is old enough. */
export interface AuditEntry {
  readonly _id: string
  readonly at: Date
  /** Null for what no request has caused. */
  readonly requestId: string | null
  readonly actorKind: 'CALLER' | 'PERSON' | 'SYSTEM'
  /** The person where there was one, else the app, else the part of the system: `system:billing`. */
  readonly actor: string
  readonly appId: string | null
  /** The organization that acted. */
  readonly organizationId: string | null
  readonly endUserId: string | null
  /** Which credential or token it was; never its secret. */
  readonly credentialId: string | null
  /** The mutation, for example `approveDeal`; the event, of what the system did; or what was done at sign-in. */
  readonly action: string
  readonly subjectType: string | null
  readonly subjectId: string | null
  readonly outcome: 'DONE' | 'REFUSED'
  /** Codes of the refusal. */
  readonly codes: readonly string[]
  /** The fields that the caller has given. */
  readonly fields: readonly string[]
  readonly changes: readonly AuditChange[]
  /** Types of the events that were recorded with it. */
  readonly events: readonly string[]
  /** The organization that acted and those that it concerns. */
  readonly organizations: readonly string[]
}

export const auditCollection = 'audit_entries'

/** What was noted in a transaction for the entry that its mutation writes. */
export interface AuditNotes {
  readonly changes: Map<string, AuditChange>
  readonly events: Set<string>
  readonly organizations: Map<string, Set<string>>
}

const open = new WeakMap<ClientSession, AuditNotes>()
const mostChanges = 50

/** Creates the collection and its indexes; each filter of the query has one. */
export async function prepareAudit(connection: Connection): Promise<void> {
  await collectionOf(connection).createIndexes([
    { key: { at: -1, _id: -1 } },
    { key: { organizations: 1, at: -1, _id: -1 } },
    { key: { organizationId: 1, at: -1, _id: -1 } },
    { key: { actor: 1, at: -1, _id: -1 } },
    { key: { subjectId: 1, at: -1, _id: -1 } },
    { key: { action: 1, at: -1, _id: -1 } },
    { key: { outcome: 1, at: -1, _id: -1 } },
  ])
}

/** Begins the notes of a transaction, anew when it runs again; whoever begins them writes the entry. */
export function openAudit(session: ClientSession): AuditNotes {
  const notes: AuditNotes = { changes: new Map(), events: new Set(), organizations: new Map() }
  open.set(session, notes)
  return notes
}

/** Notes that a document is changed in a transaction: called by what changes it, with the document as it was. */
export function noteChange(
  session: ClientSession,
  document: { readonly _id: string },
  changes: Readonly<Record<string, unknown>>,
): void {
  const notes = open.get(session)
  if (notes === undefined) return
  for (const [field, after] of Object.entries(changes)) {
    const key = `${document._id} ${field}`
    const known = notes.changes.get(key)
    if (known === undefined && notes.changes.size >= mostChanges) return
    const was: unknown = (document as unknown as Readonly<Record<string, unknown>>)[field]
    const before = known ? known.before : auditedValue(field, was)
    notes.changes.set(key, { subjectId: document._id, field, before, after: auditedValue(field, after) })
  }
}

interface AppendedEvent {
  readonly type: string
  readonly subject: string
  readonly audience: readonly string[]
}

/**
 * Takes note of events that a transaction records. Where no mutation has begun notes, it is a timer or a reaction that
 * works: then each event is an entry of the system's own, in the same transaction.
 */
export async function auditEvents(
  connection: Connection,
  session: ClientSession,
  { source, at, events }: { readonly source: string; readonly at: Date; readonly events: readonly AppendedEvent[] },
): Promise<void> {
  const notes = open.get(session)
  if (notes !== undefined) {
    for (const { type, subject, audience } of events) {
      if (notes.events.size < mostChanges) notes.events.add(type)
      if (notes.organizations.size >= mostChanges) continue
      const known = notes.organizations.get(subject) ?? new Set()
      for (const organization of audience) known.add(organization)
      notes.organizations.set(subject, known)
    }
    return
  }
  await writeAudit(
    connection,
    events.map(({ type, subject, audience }) => ({
      ...nobody,
      ...subjectOf(subject),
      at,
      actorKind: 'SYSTEM',
      actor: `system:${source}`,
      action: type,
      events: [type],
      organizations: [...audience],
    })),
    session,
  )
}

/** The entry of a caller's mutation. */
export function auditOfMutation(
  { caller, requestId, now }: { readonly caller: Caller; readonly requestId?: string; readonly now: () => Date },
  mutation: {
    readonly name: string
    readonly input: unknown
    readonly id: string | null
    readonly codes: readonly string[]
    readonly notes: AuditNotes | null
    /** True where notes are of several mutations at once. */
    readonly shared?: boolean
  },
): Omit<AuditEntry, '_id'> {
  const { name, input, id, codes, notes, shared = false } = mutation
  const subject = subjectOf(id ?? subjectNamedIn(input))
  const concerned = [...(notes?.organizations ?? [])].filter(([about]) => !shared || about === subject.subjectId)
  return {
    ...nobody,
    ...subject,
    at: now(),
    requestId: requestId ?? null,
    actorKind: 'CALLER',
    actor: caller.endUserId ?? caller.appId,
    appId: caller.appId,
    organizationId: caller.organizationId,
    endUserId: caller.endUserId ?? null,
    credentialId: caller.credentialId,
    action: name,
    outcome: codes.length > 0 ? 'REFUSED' : 'DONE',
    codes,
    fields: typeof input === 'object' && input !== null ? Object.keys(input).slice(0, mostChanges) : [],
    changes: [...(notes?.changes.values() ?? [])].filter(({ subjectId }) => !shared || subjectId === subject.subjectId),
    events: shared ? [] : [...(notes?.events ?? [])],
    organizations: [...new Set([caller.organizationId, ...concerned.flatMap(([, all]) => [...all])])],
  }
}

/** What a person did at sign-in, where there is no mutation. */
export function auditOfPerson(done: {
  readonly at: Date
  readonly memberId: string | null
  readonly action: string
  readonly credentialId?: string
  readonly codes?: readonly string[]
}): Omit<AuditEntry, '_id'> {
  const { at, memberId, action, credentialId = null, codes = [] } = done
  return {
    ...nobody,
    ...subjectOf(memberId),
    at,
    actorKind: 'PERSON',
    actor: memberId ?? 'unknown',
    endUserId: memberId,
    credentialId,
    action,
    outcome: codes.length > 0 ? 'REFUSED' : 'DONE',
    codes,
  }
}

/** Adds entries; in the transaction of what they tell of, where there is one. */
export async function writeAudit(
  connection: Connection,
  entries: readonly Omit<AuditEntry, '_id'>[],
  session?: ClientSession,
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map((entry) => ({ _id: createId('AuditEntry'), ...entry }))
  await collectionOf(connection).insertMany(rows, session ? { session } : {})
}

/** Removes entries of before a moment, at most so many; answers how many there were. */
export async function cutAudit(connection: Connection, before: Date, most: number): Promise<number> {
  const entries = collectionOf(connection)
  const old = await entries
    .find({ at: { $lt: before } }, { projection: { _id: 1 } })
    .sort({ at: 1, _id: 1 })
    .limit(most)
    .toArray()
  if (old.length > 0) await entries.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } })
  return old.length
}

const nobody: Omit<AuditEntry, '_id' | 'at' | 'actorKind' | 'actor' | 'action'> = {
  requestId: null,
  appId: null,
  organizationId: null,
  endUserId: null,
  credentialId: null,
  subjectType: null,
  subjectId: null,
  outcome: 'DONE',
  codes: [],
  fields: [],
  changes: [],
  events: [],
  organizations: [],
}

/** The entity of a prefixed id; of what a mutation answers with more behind it, the id alone. */
function subjectOf(id: string | null): Pick<AuditEntry, 'subjectType' | 'subjectId'> {
  const found = id === null ? null : /^([a-z]+)_[0-9a-z]{1,40}/.exec(id)
  return found
    ? { subjectType: typeOfPrefix.get(found[1] ?? '') ?? null, subjectId: found[0] }
    : { subjectType: null, subjectId: null }
}

const typeOfPrefix: ReadonlyMap<string, string> = new Map(
  Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type]),
)

/** What a refused mutation was about. */
function subjectNamedIn(input: unknown): string | null {
  const id: unknown = typeof input === 'object' && input !== null && 'id' in input ? input.id : null
  return typeof id === 'string' ? id : null
}

function collectionOf(connection: Connection): mongo.Collection<AuditEntry> {
  return connection.collection<AuditEntry>(auditCollection)
}
