import { CodedError } from '../../../kit/errors.ts'
import { type Quantities, emptyQuantities, quantityNames } from '../levels/quantities.ts'
import type { InventoryLevelDocument } from '../levels/level-model.ts'
import type { InventoryModels } from '../models.ts'
import { adjustmentId } from './ledger-model.ts'

/** Most ledger entries that one step reads, so that a level with a million of them takes many short steps. */
const mostEntries = 10_000
const entriesPerRead = 1_000

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

/** Where a step stopped: behind a level, and possibly within the next one with what it adds up to so far. */
interface Position {
  readonly afterLevel: string
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
  let { afterLevel, within } = after === null ? begin : decode(after)
  const page = await levels.following(afterLevel, first)
  const differences: LevelDifference[] = []
  let checkedEntries = 0
  let checkedLevels = 0
  for (const level of page) {
    const before = within?.levelId === level._id ? within : nothing
    // eslint-disable-next-line no-await-in-loop -- one level after the other, so that memory stays flat
    const rebuilt = await rebuild(ledger, level, { before, most: mostEntries - checkedEntries })
    checkedEntries += rebuilt.entries
    within = { levelId: level._id, quantities: rebuilt.quantities, version: rebuilt.version }
    if (!rebuilt.complete)
      return { checkedLevels, checkedEntries, differences, nextCursor: encode({ afterLevel, within }) }
    if (differs(level, rebuilt))
      differences.push({ level, rebuilt: rebuilt.quantities, ledgerVersion: rebuilt.version })
    afterLevel = level._id
    checkedLevels += 1
  }
  const nextCursor = page.length < first ? null : encode({ afterLevel, within: null })
  return { checkedLevels, checkedEntries, differences, nextCursor }
}

/** Adds up the entries of a level up to its version, or as many of them as may be read. */
export async function rebuild(
  ledger: InventoryModels['ledger'],
  level: { readonly _id: string; readonly version: number },
  { before = nothing, most = Infinity }: { readonly before?: Rebuilt; readonly most?: number } = {},
): Promise<Rebuilt & { readonly complete: boolean; readonly entries: number }> {
  const quantities: Record<keyof Quantities, number> = { ...before.quantities }
  const last = adjustmentId(level._id, level.version)
  let version = before.version
  for (let entries = 0; ;) {
    const limit = Math.min(entriesPerRead, most - entries)
    if (limit <= 0) return { quantities, version, complete: false, entries }
    // eslint-disable-next-line no-await-in-loop -- each read goes on from the one before
    const read = await ledger.between(adjustmentId(level._id, version), last, limit)
    for (const { changes } of read) for (const name of quantityNames) quantities[name] += changes[name] ?? 0
    entries += read.length
    version = read.at(-1)?.levelVersion ?? version
    if (read.length < limit) return { quantities, version, complete: true, entries }
  }
}

function differs(level: InventoryLevelDocument, { quantities, version }: Rebuilt): boolean {
  return version !== level.version || quantityNames.some((name) => quantities[name] !== level[name])
}

const nothing: Rebuilt = { quantities: emptyQuantities, version: 0 }
const begin: Position = { afterLevel: '', within: null }

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function decode(cursor: string): Position {
  const refused = new CodedError('BAD_USER_INPUT', '`after` is not a cursor of this query; pass a `nextCursor`.', {
    argument: 'after',
  })
  try {
    const { afterLevel, within } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Position
    if (typeof afterLevel !== 'string') throw refused
    if (within === null) return { afterLevel, within }
    const { levelId, version, quantities } = within
    const numbers = [version, ...quantityNames.map((name) => quantities[name])]
    if (typeof levelId !== 'string' || !numbers.every(Number.isSafeInteger)) throw refused
    return { afterLevel, within }
  } catch {
    throw refused
  }
}
