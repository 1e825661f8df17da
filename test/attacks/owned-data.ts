import type { Connection } from 'mongoose'
import { type IdentifiedType, idPrefixes } from '../../kit/ids.ts'

type Document = Readonly<Record<string, unknown>>

/** What belongs to one organization, as the database has it, whatever the graph shows of it. */
export interface OwnedData {
  /** Texts that stand in its records and in nobody else's: whoever else is told one of them was told too much. */
  readonly canaries: ReadonlySet<string>
  /** Ids of its records by type; what is approved comes first, since most can be done to it. */
  readonly ids: ReadonlyMap<IdentifiedType, readonly string[]>
}

const typeOfPrefix = new Map<string, IdentifiedType>(
  Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type as IdentifiedType]),
)

/** The fields by which a record names its owner that has no `organizationId`. */
const ownerFields = ['_id', 'ownerId', 'appId'] as const

/** Words to be searched for, which are parts of texts, and hashes and the log, which nobody is shown. */
const notShown = new Set(['words', 'searchWords', 'keyHash', 'tokenHash'])
/** Books that no partner may read, in which records of partners are named. */
const ofOperator = /^billing_(ledger|counters)/
/** What is counted of an organization's own calls, some time after them. */
const ofUse = /^billing_(usage|meter|app_limits)/
const notOfPartners = /^(event_|leases|idempotency|installation|auth_|system\.)/

async function documentsOf(connection: Connection): Promise<(readonly [collection: string, document: Document])[]> {
  const names = (await connection.listCollections()).map(({ name }) => name).filter((name) => !notOfPartners.test(name))
  const all = await Promise.all(
    // A database lists them in the order of their making, or in another one after a start.
    names.toSorted().map(async (name) => {
      const documents = await connection.collection(name).find().toArray()
      return documents.map((document) => [name, document] as const)
    }),
  )
  return all.flat()
}

/** Reads what belongs to an organization; what it has published on the marketplace is everybody's. */
export async function readOwnedData(connection: Connection, organizationId: string): Promise<OwnedData> {
  const all = await documentsOf(connection)
  const owners = ownersOf(all, organizationId)
  const others = new Set<string>()
  const mine: Document[] = []
  for (const [collection, document] of all) {
    const owned = isOwned(document, owners)
    if (owned && !isPublic(collection, document)) mine.push(document)
    else if (!ofOperator.test(collection)) for (const text of textsOf(document)) others.add(text)
  }
  const canaries = new Set(mine.flatMap((document) => [...textsOf(document)]).filter((text) => !others.has(text)))
  const ids = new Map<IdentifiedType, string[]>()
  for (const { _id } of mine.toSorted((a, b) => Number(isApproved(b)) - Number(isApproved(a)))) {
    const type = typeOfPrefix.get(/^([a-z]+)_[0-9a-z]+$/.exec(String(_id))?.[1] ?? '')
    if (type !== undefined) ids.set(type, [...new Set([...(ids.get(type) ?? []), String(_id)])])
  }
  return { canaries, ids }
}

/** The records of an organization as text by their place, to be compared later, but for what it used itself meanwhile. */
export async function recordsOf(
  connection: Connection,
  organizationId: string,
): Promise<Readonly<Record<string, string>>> {
  const all = await documentsOf(connection)
  const owners = ownersOf(all, organizationId)
  return Object.fromEntries(
    all
      .filter(([collection, document]) => !ofUse.test(collection) && isOwned(document, owners))
      .map(([collection, { lastUsedAt: _used, ...document }]) => [
        `${collection} ${String(document['_id'])}`,
        JSON.stringify(document),
      ]),
  )
}

/** The organization and its apps. */
function ownersOf(all: Awaited<ReturnType<typeof documentsOf>>, organizationId: string): ReadonlySet<unknown> {
  const apps = all.filter(([name, { organizationId: owner }]) => name === 'partner_apps' && owner === organizationId)
  return new Set([organizationId, ...apps.map(([, { _id }]) => _id)])
}

function isOwned(document: Document, owners: ReadonlySet<unknown>): boolean {
  const { organizationId } = document
  // A consent for the organization's app is of the organization whose member has given it.
  if (typeof organizationId === 'string') return owners.has(organizationId)
  return ownerFields.some((field) => owners.has(document[field]))
}

function isApproved({ state }: Document): boolean {
  return state === 'APPROVED'
}

function isPublic(collection: string, { state }: Document): boolean {
  return (
    (collection === 'catalog_reviews' && state === 'SHOWN') ||
    (collection === 'catalog_app_listings' && state === 'PUBLISHED')
  )
}

function* textsOf(value: unknown, key = ''): Generator<string> {
  if (notShown.has(key)) return
  if (typeof value === 'string') {
    // Short ones, words, and names of enum values and events stand in other places too.
    if (value.length >= 6 && !/^([A-Z_]+|[A-Za-z]+|[a-z_]+\.[a-z_]+)$/.test(value)) yield value
  } else if (Array.isArray(value)) for (const item of value) yield* textsOf(item)
  else if (typeof value === 'object' && value !== null && !(value instanceof Date))
    for (const [name, inner] of Object.entries(value)) yield* textsOf(inner, name)
}

/** The canaries that a text holds. */
export function canariesIn(text: string, { canaries }: OwnedData): string[] {
  return [...canaries].filter((canary) => text.includes(JSON.stringify(canary).slice(1, -1)))
}
