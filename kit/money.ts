/** An amount in integer minor units (cents), never a float. `currencyCode` is ISO 4217. */
export interface Money {
  readonly minorUnits: number
  readonly currencyCode: string
}

/**
 * Currencies whose minor unit has not two decimal places, after ISO 4217. Not from `Intl`, whose figures are those of
 * everyday prices (none for the Hungarian forint or the Colombian peso) and change with the version of Node.
 */
const placesByCurrency: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ...'CLF UYW'.split(' ').map((code) => [code, 4] as const),
])

/** Decimal places of a currency's minor unit: 2 for cents, 0 for yen, 3 for Kuwaiti fils. */
export function decimalPlaces(currencyCode: string): number {
  return placesByCurrency.get(currencyCode) ?? 2
}

/** The decimal text of an amount, as the graph answers it: `{ minorUnits: 1999, currencyCode: 'USD' }` is `19.99`. */
export function formatAmount(money: Money): string {
  const places = decimalPlaces(money.currencyCode)
  const digits = String(Math.abs(money.minorUnits)).padStart(places + 1, '0')
  const sign = money.minorUnits < 0 ? '-' : ''
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** An amount as the graph takes it. */
export interface MoneyInput {
  /** A decimal text such as `25000.00`. */
  readonly amount: string
  readonly currencyCode: string
}

/**
 * An amount in minor units from its decimal text of at most 12 digits before the point, exactly; null when the text is
 * no amount of that currency, or one too large to be held exactly.
 */
export function parseMoney({ amount, currencyCode }: MoneyInput): Money | null {
  const digits = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount.trim())
  if (!digits || !/^[A-Z]{3}$/.test(currencyCode)) return null
  const places = decimalPlaces(currencyCode)
  const [, whole = '', fraction = ''] = digits
  if (fraction.length > places) return null
  const minorUnits = Number(whole + fraction.padEnd(places, '0'))
  return Number.isSafeInteger(minorUnits) ? { minorUnits, currencyCode } : null
}

/** Adds amounts of one currency; mixing currencies is a programming error. */
export function addMoney(a: Money, b: Money): Money {
  if (a.currencyCode !== b.currencyCode) throw new Error(`cannot add ${a.currencyCode} and ${b.currencyCode}`)
  return { minorUnits: a.minorUnits + b.minorUnits, currencyCode: a.currencyCode }
}

/** The resolvers of the shared `Money` type; every subgraph that answers money spreads them in. */
export const moneyResolvers = {
  Money: { amount: (money: Money): string => formatAmount(money) },
}
