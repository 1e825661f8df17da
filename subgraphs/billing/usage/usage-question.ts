import { type Caller, ownedBy } from '../../../kit/caller.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { FacetCollection } from './usage-facet-model.ts'
import type { UsageOutcome } from './usage-facet.ts'
import { type Span, piecesOf, usageSpan } from './usage-span.ts'
import { type UsagePiece, startOf } from './usage.ts'

export const usageDimensions = [
  'APP',
  'ORGANIZATION',
  'ENVIRONMENT',
  'OUTCOME',
  'ERROR_CODE',
  'CONTRACT',
  'COORDINATE',
  'END_USER',
  'HOUR',
  'DAY',
  'MONTH',
  'HOUR_OF_DAY',
  'DAY_OF_WEEK',
] as const
export type UsageDimension = (typeof usageDimensions)[number]

export interface UsageQuestion {
  readonly groupBy: readonly UsageDimension[]
  readonly appId?: string | null
  readonly organizationId?: string | null
  readonly coordinate?: string | null
  readonly contracts?: readonly string[] | null
  readonly endUserId?: string | null
  readonly outcome?: UsageOutcome | null
  readonly from?: Date | null
  readonly to?: Date | null
}

/** Where the answer to a question is read from. */
export interface UsageReading {
  readonly collection: FacetCollection
  /** Filters whose rows together are what was asked about; each row is in one of them. */
  readonly matches: readonly Readonly<Record<string, unknown>>[]
  readonly fields: readonly string[]
}

const mostDimensions = 3
const mostContracts = 50
/** How a question, and a group of the answer, name the path of the whole graph; no contract's name has capitals. */
const wholeGraph = 'NONE'
const dayMs = 24 * 60 * 60 * 1000

/** The field of a row that holds what a dimension groups by; times are worked out from the row's own. */
const fieldOf: Readonly<Record<UsageDimension, string>> = {
  APP: 'appId',
  ORGANIZATION: 'organizationId',
  ENVIRONMENT: 'environment',
  OUTCOME: 'outcome',
  ERROR_CODE: 'code',
  CONTRACT: 'contract',
  COORDINATE: 'key',
  END_USER: 'key',
  HOUR: 'start',
  DAY: 'start',
  MONTH: 'start',
  HOUR_OF_DAY: 'start',
  DAY_OF_WEEK: 'start',
}

/**
 * Which rows a caller's question is about; null when it can only be about what is another's. Rows of days at least where
 * the day itself is asked for.
 */
export function readingOf(
  caller: Caller,
  asked: UsageQuestion & { readonly ofDays?: true },
  now: Date,
): UsageReading | null {
  const { groupBy, appId, organizationId, contracts } = asked
  requireDimensions(groupBy)
  requireContracts(contracts)
  const kind = kindOf(asked)
  const own = ownedBy(caller)
  if (own.organizationId !== undefined && organizationId && organizationId !== own.organizationId) return null
  const owner = own.organizationId ?? organizationId ?? undefined
  const filter = {
    ...(appId ? { appId } : {}),
    ...(owner === undefined ? {} : { organizationId: owner }),
  }
  const path = contracts ? { contract: { $in: contracts.map((name) => (name === wholeGraph ? null : name)) } } : {}
  const span = usageSpan(asked, now)
  const fields = [...new Set(groupBy.map((dimension) => fieldOf[dimension]))]
  if (kind !== 'outcomes') {
    const key = kind === 'coordinates' ? asked.coordinate : asked.endUserId
    return {
      collection: kind,
      fields,
      matches: [{ ...(key ? { key } : {}), ...filter, ...path, start: wholeDays(span) }],
    }
  }
  const outcome = asked.outcome ? { outcome: asked.outcome } : {}
  const ofAll = Object.keys(filter).length === 0 && !groupBy.some((dimension) => ownDimensions.has(dimension))
  return {
    collection: ofAll ? 'ofAll' : 'outcomes',
    fields,
    matches: piecesFor(span, asked, now).map(({ granularity, from, to }) => ({
      ...filter,
      ...path,
      granularity,
      start: { $gte: from, $lt: to },
      ...outcome,
    })),
  }
}

const ownDimensions: ReadonlySet<UsageDimension> = new Set(['APP', 'ORGANIZATION', 'ENVIRONMENT'])
const outcomeDimensions: ReadonlySet<UsageDimension> = new Set(['OUTCOME', 'ERROR_CODE', 'HOUR', 'HOUR_OF_DAY'])

function requireDimensions(groupBy: readonly UsageDimension[]): void {
  if (groupBy.length < 1 || groupBy.length > mostDimensions || new Set(groupBy).size < groupBy.length) {
    throw bad(`\`groupBy\` takes 1 to ${mostDimensions} different dimensions.`)
  }
}

function requireContracts(contracts: UsageQuestion['contracts']): void {
  if (contracts && (contracts.length < 1 || contracts.length > mostContracts)) {
    throw new CodedError('BAD_USER_INPUT', `\`contracts\` takes 1 to ${mostContracts} names.`, {
      argument: 'contracts',
    })
  }
}

function kindOf({
  groupBy,
  coordinate,
  contracts,
  endUserId,
  outcome,
}: UsageQuestion): 'outcomes' | 'coordinates' | 'endUsers' {
  const wanted = {
    outcomes: groupBy.some((dimension) => outcomeDimensions.has(dimension)) || Boolean(outcome),
    coordinates: groupBy.includes('COORDINATE') || Boolean(coordinate),
    endUsers: groupBy.includes('END_USER') || Boolean(endUserId),
  }
  if (wanted.endUsers && (contracts || groupBy.includes('CONTRACT'))) {
    throw bad('Usage of end users is not counted by contract: ask for one of the two.')
  }
  const kinds = (['outcomes', 'coordinates', 'endUsers'] as const).filter((kind) => wanted[kind])
  if (kinds.length > 1) {
    throw bad(
      'Usage is counted by coordinate, by end user, or by outcome and hour: ask for one of the three at a time.',
    )
  }
  return kinds[0] ?? 'outcomes'
}

/** The fewest rows that are fine enough for what is grouped by. */
function piecesFor(
  span: Span,
  { groupBy, ofDays }: Pick<UsageQuestion, 'groupBy'> & { readonly ofDays?: true },
  now: Date,
): UsagePiece[] {
  if (groupBy.includes('HOUR') || groupBy.includes('HOUR_OF_DAY')) return [{ granularity: 'HOUR', ...span }]
  const byDay = ofDays || groupBy.includes('DAY') || groupBy.includes('DAY_OF_WEEK')
  return piecesOf(span, now).map((piece) =>
    byDay && piece.granularity === 'MONTH' ? { ...piece, granularity: 'DAY' } : piece,
  )
}

function wholeDays({ from, to }: Span): { $gte: Date; $lt: Date } {
  return { $gte: startOf('DAY', from), $lt: new Date(startOf('DAY', new Date(to.getTime() - 1)).getTime() + dayMs) }
}

export function bad(message: string): CodedError {
  return new CodedError('BAD_USER_INPUT', message, { argument: 'groupBy' })
}
