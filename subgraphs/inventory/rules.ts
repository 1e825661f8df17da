import type { LevelChange } from './models/inventory-level.ts'
import type { AdjustmentReason } from './models/inventory-ledger.ts'
import { type Quantities, maxQuantity, onHandOf } from './quantities.ts'

/** Lines that one batch may have. */
export const maxBatchLines = 250

/** Why a line cannot be applied. */
export interface LineRefusal {
  readonly code: string
  readonly field: 'skuId' | 'locationId' | 'delta' | 'onHand' | 'expectedVersion'
  readonly message: string
}

/** A change to try, and what to answer when the level does not allow it. */
export interface PlannedChange extends LevelChange {
  readonly refusal: LineRefusal
}

const signs: Readonly<Record<AdjustmentReason, readonly (1 | -1)[]>> = {
  SALE: [-1],
  RETURN: [1],
  RESTOCK: [1],
  CORRECTION: [1, -1],
  DAMAGE: [-1],
}

/** What an adjustment does to a level and under which condition; a refusal when its delta makes no sense. */
export function planAdjustment(line: {
  readonly delta: number
  readonly reason: AdjustmentReason
}): PlannedChange | LineRefusal {
  const { delta, reason } = line
  if (!signs[reason].some((sign) => sign === Math.sign(delta))) {
    const [sign, other] = signs[reason]
    const expected = other ? 'other than zero' : sign === 1 ? 'above zero' : 'below zero'
    return { code: 'INVALID_DELTA', field: 'delta', message: `The delta of a ${reason} must be ${expected}.` }
  }
  if (Math.abs(delta) > maxQuantity) return tooLarge('delta')
  if (delta > 0) {
    return {
      increments: { available: delta },
      onlyIf: { available: { $lte: maxQuantity - delta } },
      refusal: tooLarge('delta'),
    }
  }
  return {
    // Damage only moves units, so on hand keeps its value and `damaged` needs no bound of its own.
    increments: reason === 'DAMAGE' ? { available: delta, damaged: -delta } : { available: delta },
    onlyIf: { available: { $gte: -delta } },
    refusal: { code: 'INSUFFICIENT_STOCK', field: 'delta', message: `Fewer than ${-delta} units are available.` },
  }
}

/** The change that makes on hand what was counted, or why that cannot be; the difference goes to `available`. */
export function planCount(level: Quantities & { readonly version: number }, onHand: number): LevelChange | LineRefusal {
  const unavailable = onHandOf(level) - level.available
  if (onHand < unavailable) {
    const message = `${unavailable} units are committed, reserved or otherwise held here; on hand cannot be less.`
    return { code: 'BELOW_COMMITMENTS', field: 'onHand', message }
  }
  return { increments: { available: onHand - onHandOf(level) }, onlyIf: { version: level.version } }
}

/** Why a counted quantity is no quantity; undefined when it is one. */
export function checkCount(onHand: number): LineRefusal | undefined {
  if (onHand >= 0 && onHand <= maxQuantity) return undefined
  return { code: 'INVALID_QUANTITY', field: 'onHand', message: `onHand must be between 0 and ${maxQuantity}.` }
}

/** True for the refusing half of a plan. */
export function isRefusal(plan: LevelChange | LineRefusal): plan is LineRefusal {
  return 'code' in plan
}

function tooLarge(field: LineRefusal['field']): LineRefusal {
  return { code: 'QUANTITY_TOO_LARGE', field, message: `A level can hold at most ${maxQuantity} units.` }
}
