import { type Money, decimalPlaces } from '../../kit/money.ts'

export interface MoneyInput {
  readonly amount: string
  readonly currencyCode: string
}

/** An amount in minor units from its decimal text, exactly; null when the text is no amount of that currency. */
export function parseMoney({ amount, currencyCode }: MoneyInput): Money | null {
  const digits = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount.trim())
  if (!digits || !/^[A-Z]{3}$/.test(currencyCode)) return null
  const places = decimalPlaces(currencyCode)
  const [, whole = '', fraction = ''] = digits
  if (fraction.length > places) return null
  const minorUnits = Number(whole + fraction.padEnd(places, '0'))
  return Number.isSafeInteger(minorUnits) ? { minorUnits, currencyCode } : null
}
