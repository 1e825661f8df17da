import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { InputCheck } from '../input-check.ts'
import { normalGtin } from './gtin.ts'
import type { Pack } from './sku-model.ts'

/** The GTIN as it is kept. */
export function checkGtin(check: InputCheck, gtin: string): string {
  const normal = normalGtin(gtin)
  if (normal === null) {
    check.fail('gtin', 'This is not a GTIN of 8, 12, 13 or 14 digits with a right check digit.', 'INVALID_GTIN')
  }
  return normal ?? ''
}

export function checkPack(check: InputCheck, { unit, quantity }: Pack): Pack {
  return {
    unit: check.text('pack.unit', unit, [1, 40]),
    quantity: check.whole('pack.quantity', quantity, [1, 1_000_000]),
  }
}

export const orderQuantities = [1, 1_000_000] as const

export const leadTimes = [0, 730] as const

/** The refusal of what a unique index of SKUs does not take; other errors are thrown on. */
export function refuseDuplicate(error: unknown): never {
  if (!(error instanceof Error) || !isDuplicateKey(error)) throw error
  throw error.message.includes('gtin')
    ? refuse('DUPLICATE_GTIN', ['input', 'gtin'], 'Another SKU has this GTIN.')
    : refuse('DUPLICATE_CODE', ['input', 'code'], 'Another SKU has this code.')
}
