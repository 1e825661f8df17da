/** Why a client says that stock changed, in `adjustInventory`. */
export const adjustmentReasons = ['SALE', 'RETURN', 'RESTOCK', 'CORRECTION', 'DAMAGE'] as const
export type AdjustmentReason = (typeof adjustmentReasons)[number]

/** Why units moved between the parts of a level, in `moveInventory`. */
export const movementReasons = [
  'INSPECTION_PASSED',
  'INSPECTION_FAILED',
  'SAFETY_STOCK',
  'REPAIR',
  'DAMAGE',
  'WRITE_OFF',
  'CORRECTION',
] as const
export type MovementReason = (typeof movementReasons)[number]

/** Every reason that the ledger knows; a level's first entry is an OPENING or what began the level. */
export const changeReasons = [
  'OPENING',
  ...adjustmentReasons,
  'INSPECTION_PASSED',
  'INSPECTION_FAILED',
  'SAFETY_STOCK',
  'REPAIR',
  'WRITE_OFF',
  'TRANSFER_OUT',
  'TRANSFER_IN',
  'SHIPMENT_RECEIVED',
  'RESERVATION_HELD',
  'RESERVATION_COMMITTED',
  'RESERVATION_FULFILLED',
  'RESERVATION_RELEASED',
  'RESERVATION_EXPIRED',
  'REBUILD',
] as const
export type ChangeReason = (typeof changeReasons)[number]
