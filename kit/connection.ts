import { CodedError } from './errors.ts'

/** Paging arguments of a Relay connection. */
export interface ConnectionArgs {
  readonly first?: number | null
  readonly after?: string | null
}

export const pageSize = { default: 25, max: 250 } as const

type CursorValue = string | number | Date

/** One keyset page to read: at most `limit` documents that match `after`, in `sort` order. */
export interface PageRequest {
  readonly limit: number
  readonly sort: Readonly<Record<string, 1 | -1>>
  /** A MongoDB filter that skips everything up to the cursor; `{}` on the first page. It has no key but `$and`. */
  readonly after: Readonly<Record<string, unknown>>
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly nodes: readonly Node[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  /** Counted only when the field is selected. */
  readonly totalCount: () => Promise<number>
}

/**
 * Reads one page by keyset, so that a deep page costs what the first does and no item is skipped when others are
 * inserted. Ties of the sort field are broken by `_id`. Throws BAD_USER_INPUT on a bad `first` or `after`.
 */
export async function readConnection<Node extends { readonly _id: string }>(
  args: ConnectionArgs,
  source: {
    readonly sortField: keyof Node & string
    readonly direction: 1 | -1
    readonly read: (page: PageRequest) => Promise<readonly Node[]>
    readonly count: () => Promise<number>
  },
): Promise<Connection<Node>> {
  const { sortField, direction } = source
  const first = args.first ?? pageSize.default
  if (!Number.isInteger(first) || first < 1 || first > pageSize.max) {
    throw new CodedError('BAD_USER_INPUT', `\`first\` must be between 1 and ${pageSize.max}.`, { argument: 'first' })
  }
  const page = {
    limit: first + 1,
    sort: sortField === '_id' ? { _id: direction } : { [sortField]: direction, _id: direction },
    after: args.after ? afterFilter(sortField, direction, decodeCursor(args.after)) : {},
  } as const
  const found = await source.read(page).catch((error: unknown) => {
    // mongoose refuses a cursor of another list whose values are of another type.
    throw args.after && error instanceof Error && error.name === 'CastError' ? badCursor() : error
  })
  const nodes = found.slice(0, first)
  const edges = nodes.map((node) => ({ cursor: encodeCursor(node[sortField] as CursorValue, node._id), node }))
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: Boolean(args.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: source.count,
  }
}

function afterFilter(
  sortField: string,
  direction: 1 | -1,
  [value, id]: readonly [CursorValue, string],
): Record<string, unknown> {
  const beyond = direction === 1 ? '$gt' : '$lt'
  if (sortField === '_id') return { $and: [{ _id: { [beyond]: id } }] }
  // The first condition bounds the index scan; an `$or` alone would walk the index from its beginning.
  const bound = { [sortField]: { [`${beyond}e`]: value } }
  return { $and: [bound, { $or: [{ [sortField]: { [beyond]: value } }, { _id: { [beyond]: id } }] }] }
}

function encodeCursor(value: CursorValue, id: string): string {
  const plain = value instanceof Date ? { date: value.toISOString() } : value
  return Buffer.from(JSON.stringify([plain, id])).toString('base64url')
}

/** Only a text, a number or a date can come out, so a forged cursor can move within the caller's own list, no more. */
function decodeCursor(cursor: string): [CursorValue, string] {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw badCursor()
  }
  if (!Array.isArray(parsed) || parsed.length !== 2 || typeof parsed[1] !== 'string') throw badCursor()
  const [plain, id] = parsed as [unknown, string]
  if (typeof plain === 'string' || typeof plain === 'number') return [plain, id]
  const date: unknown = typeof plain === 'object' && plain !== null && 'date' in plain ? plain.date : undefined
  if (typeof date === 'string' && !Number.isNaN(Date.parse(date))) return [new Date(date), id]
  throw badCursor()
}

function badCursor(): CodedError {
  return new CodedError('BAD_USER_INPUT', '`after` is not a cursor of this connection; pass a `pageInfo.endCursor`.', {
    argument: 'after',
  })
}
