import { type Connection, type ConnectionArgs, pageSize } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { UsageGroup } from './usage-groups.ts'
import type { UsageDimension } from './usage-question.ts'

export type UsageOrder = 'GROUP' | 'CALLS' | 'COST' | 'ERRORS'

const times: ReadonlySet<UsageDimension> = new Set(['HOUR', 'DAY', 'MONTH', 'HOUR_OF_DAY', 'DAY_OF_WEEK'])
const measures = { CALLS: 'calls', COST: 'cost', ERRORS: 'failures' } as const

interface Placed {
  readonly group: UsageGroup
  /** What comes first has the lower one; ties are broken by the group. */
  readonly place: readonly [rank: number, key: string]
}

/**
 * A page of groups that are all known. A cursor names the place of a group in the order and not its number, so that
 * what was used meanwhile neither repeats nor skips groups whose place stayed.
 */
export function pageOfGroups(
  groups: readonly UsageGroup[],
  args: ConnectionArgs & { readonly orderBy?: UsageOrder | null; readonly groupBy: readonly UsageDimension[] },
): Connection<UsageGroup> {
  const first = args.first ?? pageSize.default
  if (!Number.isInteger(first) || first < 1 || first > pageSize.max) {
    throw new CodedError('BAD_USER_INPUT', `\`first\` must be between 1 and ${pageSize.max}.`, { argument: 'first' })
  }
  const order = args.orderBy ?? (args.groupBy.some((dimension) => times.has(dimension)) ? 'GROUP' : 'CALLS')
  const placed = groups
    .map((group): Placed => {
      const rank = order === 'GROUP' ? 0 : -group[measures[order]]
      return { group, place: [rank, JSON.stringify(group.values)] }
    })
    .toSorted((a, b) => compare(a.place, b.place))
  const after = args.after ? placeOf(args.after) : null
  const rest = after === null ? placed : placed.filter(({ place }) => compare(place, after) > 0)
  const edges = rest.slice(0, first).map(({ group, place }) => ({ cursor: cursorOf(place), node: group }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: rest.length > first,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => Promise.resolve(groups.length),
  }
}

function compare(a: Placed['place'], b: Placed['place']): number {
  if (a[0] !== b[0]) return a[0] - b[0]
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0
}

function cursorOf(place: Placed['place']): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function placeOf(cursor: string): Placed['place'] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(place) && place.length === 2) {
      const [rank, key] = place as readonly unknown[]
      if (typeof rank === 'number' && typeof key === 'string') return [rank, key]
    }
  } catch {
    // What is not JSON is no cursor either.
  }
  throw new CodedError('BAD_USER_INPUT', '`after` is not a cursor of this connection; pass a `pageInfo.endCursor`.', {
    argument: 'after',
  })
}
