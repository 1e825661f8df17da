import type { ClientSession } from 'mongoose'
import type { EventLog } from '../../../kit/events.ts'
import type { ChangeReason } from '../ledger/change-reason.ts'
import type { InventoryAdjustmentDocument } from '../ledger/ledger-model.ts'
import { inventoryAdjustedEvent } from '../levels/level-events.ts'
import { type InventoryLevelDocument, emptyLevel } from '../levels/level-model.ts'
import { type Quantities, type QuantityName, outOfBounds, quantityNames } from '../levels/quantities.ts'
import type { InventoryModels } from '../models.ts'

/** In whose name stock is changed. */
export interface Actor {
  readonly appId: string
  readonly organizationId: string
}

/** What every change of stock needs, with or without a request. */
export interface StockContext {
  readonly models: InventoryModels
  readonly events: EventLog
  readonly now: () => Date
}

/** Why and by whom a level is changed, for its ledger. */
export interface StockCause {
  readonly reason: ChangeReason
  readonly actor: Actor
  readonly subject?: string | null
  readonly reference?: string | null
}

/** Levels that a transaction has read and is about to change. */
export interface OpenStock {
  readonly at: Date
  /** A level as it would be with what was changed so far. */
  level(id: string): InventoryLevelDocument | undefined
  /** All opened levels of a SKU. */
  levelsOf(skuId: string): readonly InventoryLevelDocument[]
  /** Adds a level that does not exist yet; it is written once something of it changes. */
  begin(skuId: string, locationId: string): InventoryLevelDocument
  /** Changes a level, or answers the quantity that would be below zero or too large and changes nothing. */
  change(id: string, changes: Partial<Quantities>, cause: StockCause): QuantityName | undefined
  /** Where `rollBack` can return to. */
  mark(): number
  /** Takes back what was changed since. */
  rollBack(mark: number): void
  /** How many changes there are to write. */
  readonly size: number
  /** Writes levels, ledger and events; whatever their number, four commands. */
  write(): Promise<void>
}

interface OpenLevel {
  readonly before: InventoryLevelDocument | null
  now: InventoryLevelDocument
}

/**
 * Reads levels in a transaction, to be changed in memory and written at once. The only way in which stock changes:
 * what it writes is within bounds, has its ledger entry and its event, and is conditional on what was read.
 */
export async function openStock(
  { models, events, now }: StockContext,
  session: ClientSession,
  what: { readonly levelIds?: readonly string[]; readonly skuIds?: readonly string[] },
): Promise<OpenStock> {
  const { levelIds = [], skuIds = [] } = what
  const byId = levelIds.length > 0 ? await models.levels.byIds([...new Set(levelIds)], session) : []
  const bySku = skuIds.length > 0 ? await models.levels.bySkus([...new Set(skuIds)], session) : []
  const open = new Map<string, OpenLevel>(
    [...byId, ...bySku].map((level) => [level._id, { before: level, now: level }]),
  )
  const ofSku = new Map<string, Set<string>>()
  const noteSku = ({ _id, skuId }: InventoryLevelDocument): void => {
    ofSku.set(skuId, (ofSku.get(skuId) ?? new Set()).add(_id))
  }
  for (const { now: level } of open.values()) noteSku(level)
  const entries: Omit<InventoryAdjustmentDocument, '_id'>[] = []
  const at = now()

  const add = (level: OpenLevel, changes: Partial<Quantities>, sign: 1 | -1): void => {
    const next: Record<QuantityName, number> & InventoryLevelDocument = { ...level.now }
    for (const name of quantityNames) next[name] += sign * (changes[name] ?? 0)
    level.now = { ...next, version: next.version + sign, updatedAt: at }
  }
  return {
    at,
    level: (id) => open.get(id)?.now,
    levelsOf: (skuId) => [...(ofSku.get(skuId) ?? [])].flatMap((id) => open.get(id)?.now ?? []),
    begin(skuId, locationId) {
      const level = emptyLevel(skuId, locationId, at)
      open.set(level._id, { before: null, now: level })
      noteSku(level)
      return level
    },
    change(id, changes, { reason, actor, subject = null, reference = null }) {
      const level = open.get(id)
      if (!level) throw new Error(`level ${id} was not opened`)
      const refused = outOfBounds(level.now, changes)
      if (refused) return refused
      add(level, changes, 1)
      const { skuId, locationId, version: levelVersion } = level.now
      const { appId, organizationId } = actor
      const entry = { levelId: id, skuId, locationId, reason, changes, levelVersion, subject, reference }
      entries.push({ ...entry, appId, organizationId, occurredAt: at })
      return undefined
    },
    mark: () => entries.length,
    rollBack(mark) {
      for (const { levelId, changes } of entries.splice(mark).toReversed()) {
        const level = open.get(levelId)
        if (level) add(level, changes, -1)
      }
    },
    get size() {
      return entries.length
    },
    async write() {
      if (entries.length === 0) return
      const touched = new Set(entries.map(({ levelId }) => levelId))
      const changed = [...touched].flatMap((id) => open.get(id) ?? [])
      const updates = changed.flatMap(({ before, now: after }) => (before === null ? [] : [{ before, after }]))
      // The transaction has read these versions: another writer makes it conflict and run again, never come here.
      if (!(await models.levels.update(session, updates))) throw new Error('a level changed inside its transaction')
      await models.levels.insert(
        changed.flatMap(({ before, now: after }) => (before === null ? after : [])),
        session,
      )
      await models.ledger.append(entries, session)
      await events.append(
        session,
        ...withAvailable(entries, (id) => open.get(id)?.now.available ?? 0).map(
          ({ levelId, skuId, locationId, reason, delta, available }) =>
            inventoryAdjustedEvent({ levelId, skuId, locationId, reason, delta, available }),
        ),
      )
    },
  }
}

/** Each entry with what was available after it: the last one of a level left what there is now. */
function withAvailable<Entry extends Pick<InventoryAdjustmentDocument, 'levelId' | 'changes'>>(
  entries: readonly Entry[],
  availableNow: (levelId: string) => number,
): (Entry & { readonly delta: number; readonly available: number })[] {
  const left = new Map<string, number>()
  return entries
    .toReversed()
    .map((entry) => {
      const available = left.get(entry.levelId) ?? availableNow(entry.levelId)
      const delta = entry.changes.available ?? 0
      left.set(entry.levelId, available - delta)
      return { ...entry, delta, available }
    })
    .toReversed()
}
