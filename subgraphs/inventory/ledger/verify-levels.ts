import { CodedError } from '../../../kit/errors.ts'
import { type Quantities, emptyQuantities, quantityNames } from '../levels/quantities.ts'
import type { InventoryLevelDocument } from '../levels/level-model.ts'
import type { InventoryModels } from '../models.ts'
import { adjustmentId } from './ledger-model.ts'

/** Most ledger entries that one step reads, so that a level with a million of them takes many short steps. */
const mostEntries = 10_000
const entriesPerRead = 1_000
/** Beyond what any level reaches: eight digits to the base of 36 hold more. */
const highestVersion = 2 ** 40

/** A level that is not what its ledger says. */
export interface LevelDifference {
  readonly level: InventoryLevelDocument
  readonly rebuilt: Quantities
  /** The version up to which the ledger tells; below the level's own when entries are missing. */
  readonly ledgerVersion: number
}

export interface VerificationStep {
  readonly checkedLevels: number
  readonly checkedEntries: number
  readonly differences: readonly LevelDifference[]
  /** Where the next step goes on; null after the last level. */
  readonly nextCursor: string | null
}

/** Where a step stopped: behind a level and an entry, and possibly within a level with what it adds up to so far. */
interface Position {
  readonly afterLevel: string
  readonly afterEntry: string
  readonly within: (Rebuilt & { readonly levelId: string }) | null
}

interface Rebuilt {
  readonly quantities: Quantities
  readonly version: number
}

/**
 * Compares some levels with what their ledger adds up to. A level is read before its entries and only those up to its
 * version count, so that what is sold meanwhile makes no difference.
 */
export async function verifyLevels(
  { levels, ledger }: Pick<InventoryModels, 'levels' | 'ledger'>,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<VerificationStep> {
  if (!Number.isInteger(first) || first < 1 || first > 250) {
    throw new CodedError('BAD_USER_INPUT', '`first` must be between 1 and 250.', { argument: 'first' })
  }
  const position = after === null ? begin : decode(after)
  const page = await levels.following(position.afterLevel, first)
  const last = page.at(-1)
  if (!last) return { checkedLevels: 0, checkedEntries: 0, differences: [], nextCursor: null }
  const sums = await addUp(ledger, page, position)
  // Levels and their entries lie in the same order, so that all levels before the one that was stopped in are done.
  const done = sums.stoppedIn === null ? page : page.filter(({ _id }) => _id < (sums.stoppedIn ?? ''))
  const differences = done.flatMap((level) => {
    const { quantities, version } = sums.of(level._id)
    return differs(level, { quantities, version }) ? [{ level, rebuilt: quantities, ledgerVersion: version }] : []
  })
  const counts = { checkedLevels: done.length, checkedEntries: sums.entries, differences }
  const afterLevel = done.at(-1)?._id ?? position.afterLevel
  if (sums.stoppedIn === null) {
    const next = { afterLevel, afterEntry: adjustmentId(last._id, highestVersion), within: null }
    return { ...counts, nextCursor: page.length < first ? null : encode(next) }
  }
  const within = { levelId: sums.stoppedIn, ...sums.of(sums.stoppedIn) }
  // Entries that were made meanwhile did not count; the next step reads them with the level as it is then.
  const afterEntry = within.version > 0 ? adjustmentId(within.levelId, within.version) : sums.lastEntry
  return { ...counts, nextCursor: encode({ afterLevel, afterEntry, within }) }
}

/** Adds up the entries of levels, which lie together, or as many of them as a step may read. */
async function addUp(
  ledger: InventoryModels['ledger'],
  page: readonly InventoryLevelDocument[],
  { afterEntry, within }: Position,
) {
  const sums = new Map<string, Rebuilt>(within === null ? [] : [[within.levelId, within]])
  const of = (levelId: string): Rebuilt => sums.get(levelId) ?? nothing
  const versions = new Map(page.map(({ _id, version }) => [_id, version]))
  const upTo = adjustmentId(page.at(-1)?._id ?? '', highestVersion)
  let lastEntry = afterEntry
  for (let entries = 0; ;) {
    const read = await ledger.between(lastEntry, upTo, entriesPerRead)
    for (const { levelId, levelVersion, changes } of read) {
      if (levelVersion <= (versions.get(levelId) ?? 0)) sums.set(levelId, plus(of(levelId), changes, levelVersion))
    }
    entries += read.length
    const stop = read.at(-1)
    lastEntry = stop?._id ?? lastEntry
    if (read.length < entriesPerRead || !stop) return { of, entries, lastEntry, stoppedIn: null }
    if (entries >= mostEntries) return { of, entries, lastEntry, stoppedIn: stop.levelId }
  }
}

function plus({ quantities }: Rebuilt, changes: Partial<Quantities>, version: number): Rebuilt {
  const sum: Record<keyof Quantities, number> = { ...quantities }
  for (const name of quantityNames) sum[name] += changes[name] ?? 0
  return { quantities: sum, version }
}

/** What the whole ledger of a level adds up to. */
export async function rebuild(ledger: InventoryModels['ledger'], levelId: string): Promise<Rebuilt> {
  const upTo = adjustmentId(levelId, highestVersion)
  for (let rebuilt = nothing; ;) {
    const read = await ledger.between(adjustmentId(levelId, rebuilt.version), upTo, entriesPerRead)
    rebuilt = read.reduce((sum, { changes, levelVersion }) => plus(sum, changes, levelVersion), rebuilt)
    if (read.length < entriesPerRead) return rebuilt
  }
}

function differs(level: InventoryLevelDocument, { quantities, version }: Rebuilt): boolean {
  return version !== level.version || quantityNames.some((name) => quantities[name] !== level[name])
}

const nothing: Rebuilt = { quantities: emptyQuantities, version: 0 }
const begin: Position = { afterLevel: '', afterEntry: '', within: null }

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function decode(cursor: string): Position {
  const refused = new CodedError('BAD_USER_INPUT', '`after` is not a cursor of this query; pass a `nextCursor`.', {
    argument: 'after',
  })
  try {
    const { afterLevel, afterEntry, within } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Position
    if (typeof afterLevel !== 'string' || typeof afterEntry !== 'string') throw refused
    if (within === null) return { afterLevel, afterEntry, within }
    const { levelId, version, quantities } = within
    const numbers = [version, ...quantityNames.map((name) => quantities[name])]
    if (typeof levelId !== 'string' || !numbers.every(Number.isSafeInteger)) throw refused
    return { afterLevel, afterEntry, within }
  } catch {
    throw refused
  }
}
