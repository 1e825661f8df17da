import type { ClientSession } from 'mongoose'
import { MutationRefused, type UserError } from '../../storage/mutate.ts'
import { inventoryAdjustedEvent } from './events.ts'
import type { InventoryContext } from './inventory-context.ts'
import type { AdjustmentReason } from './models/inventory-ledger.ts'
import type { InventoryLevelDocument } from './models/inventory-level.ts'
import type { Quantities } from './quantities.ts'
import { type LineRefusal, maxBatchLines } from './rules.ts'

/** A line that was applied: the level as it is now and what changed. */
export interface AppliedLine {
  readonly level: InventoryLevelDocument
  readonly reason: AdjustmentReason
  readonly changes: Partial<Quantities>
}

/** Errors told of one batch; the rest is likely to have the same cause. */
const maxErrors = 25

/** Collects the refusals of a batch's lines, so that a client can mend all of them at once. */
export function createLineErrors(listField: string) {
  const errors: UserError[] = []
  return {
    add(line: number, { code, field, message }: LineRefusal): void {
      if (errors.length >= maxErrors) return
      errors.push({ code, field: ['input', listField, String(line), field], message: `Line ${line + 1}: ${message}` })
    },
    /** Ends the mutation when a line was refused. */
    check(): void {
      if (errors.length > 0) throw new MutationRefused(errors)
    },
  }
}

/** Refuses a batch with no lines or too many. */
export function checkBatchSize(listField: string, lines: readonly unknown[]): void {
  if (lines.length >= 1 && lines.length <= maxBatchLines) return
  const message = `A batch has 1 to ${maxBatchLines} lines, this one has ${lines.length}.`
  throw new MutationRefused([{ code: 'INVALID_BATCH', field: ['input', listField], message }])
}

/** Writes ledger and events of a batch in the transaction that applied it; answers the batch's id. */
export async function recordBatch(
  context: InventoryContext,
  session: ClientSession,
  batch: { readonly levelIds: readonly string[]; readonly applied: readonly AppliedLine[]; readonly at: Date },
): Promise<string> {
  const { appId, organizationId } = context.caller
  const id = await context.models.ledger.record(
    session,
    { levelIds: [...new Set(batch.levelIds)], appId, organizationId, occurredAt: batch.at },
    batch.applied.map(({ level, reason, changes }) => ({
      levelId: level._id,
      skuId: level.skuId,
      locationId: level.locationId,
      reason,
      changes,
      levelVersion: level.version,
    })),
  )
  // A count may have confirmed every level; MongoDB refuses to insert nothing.
  if (batch.applied.length === 0) return id
  await context.events.append(
    session,
    ...batch.applied.map(({ level: { _id: levelId, skuId, locationId }, reason, changes }) =>
      inventoryAdjustedEvent({ levelId, skuId, locationId, reason, delta: changes.available ?? 0 }),
    ),
  )
  return id
}
