import type { AdjustmentReason } from '../ledger/change-reason.ts'
import type { LineRefusal } from './line-errors.ts'
import { type Quantities, type QuantityName, maxQuantity, onHandOf, quantityNames } from './quantities.ts'

const signs: Readonly<Record<AdjustmentReason, readonly (1 | -1)[]>> = {
  SALE: [-1],
  RETURN: [1],
  RESTOCK: [1],
  CORRECTION: [1, -1],
  DAMAGE: [-1],
}

/** What an adjustment does to a level; a refusal when its delta makes no sense. */
export function planAdjustment(line: {
  readonly delta: number
  readonly reason: AdjustmentReason
}): Partial<Quantities> | LineRefusal {
  const { delta, reason } = line
  if (!signs[reason].some((sign) => sign === Math.sign(delta))) {
    const [sign, other] = signs[reason]
    const expected = other ? 'other than zero' : sign === 1 ? 'above zero' : 'below zero'
    return { code: 'INVALID_DELTA', field: 'delta', message: `The delta of a ${reason} must be ${expected}.` }
  }
  if (Math.abs(delta) > maxQuantity) return tooLarge('delta')
  return reason === 'DAMAGE' ? { available: delta, damaged: -delta } : { available: delta }
}

/** The change that makes on hand what was counted, or why that cannot be; the difference goes to `available`. */
export function planCount(level: Quantities, onHand: number): Partial<Quantities> | LineRefusal {
  const unavailable = onHandOf(level) - level.available
  if (onHand < unavailable) {
    const message = `${unavailable} units are committed, reserved or otherwise held here; on hand cannot be less.`
    return { code: 'BELOW_COMMITMENTS', field: 'onHand', message }
  }
  return { available: onHand - onHandOf(level) }
}

/** Why a counted quantity is no quantity; undefined when it is one. */
export function checkCount(onHand: number): LineRefusal | undefined {
  if (Number.isSafeInteger(onHand) && onHand >= 0 && onHand <= maxQuantity) return undefined
  return { code: 'INVALID_QUANTITY', field: 'onHand', message: `onHand must be between 0 and ${maxQuantity}.` }
}

/** Why a number of units to reserve, move or receive is none; undefined when it is one. */
export function checkUnits(quantity: number, field = 'quantity'): LineRefusal | undefined {
  if (Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= maxQuantity) return undefined
  return { code: 'INVALID_QUANTITY', field, message: `${field} must be between 1 and ${maxQuantity}.` }
}

/** Why a change that is out of bounds was refused, by the quantity that it would have broken. */
export function boundsRefusal(name: QuantityName, changes: Partial<Quantities>, field: string): LineRefusal {
  const change = changes[name] ?? 0
  if (change > 0) return tooLarge(field)
  return { code: 'INSUFFICIENT_STOCK', field, message: `Fewer than ${-change} units are ${partName[name]}.` }
}

/** Why units cannot be brought to a level whose warehouse is closed; undefined when they can, or when none are. */
export function closedRefusal(
  level: { readonly closed?: boolean } | undefined,
  changes: Partial<Quantities>,
  field = 'locationId',
): LineRefusal | undefined {
  const brought = quantityNames.reduce((sum, name) => sum + (changes[name] ?? 0), 0)
  return level?.closed && brought > 0 ? { ...closedLocation, field } : undefined
}

export const closedLocation: LineRefusal = {
  code: 'LOCATION_CLOSED',
  field: 'locationId',
  message: 'This warehouse is closed; choose another or open it again.',
}

/** True for the refusing half of a plan. */
export function isRefusal(plan: Partial<Quantities> | LineRefusal): plan is LineRefusal {
  return 'code' in plan
}

const partName: Readonly<Record<QuantityName, string>> = {
  available: 'available',
  committed: 'committed',
  reserved: 'reserved',
  safety: 'kept as safety stock',
  damaged: 'damaged',
  qualityControl: 'in quality control',
}

function tooLarge(field: string): LineRefusal {
  return { code: 'QUANTITY_TOO_LARGE', field, message: `A level can hold at most ${maxQuantity} units.` }
}
