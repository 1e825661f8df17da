/** An amount in integer minor units (cents), never a float. `currencyCode` is ISO 4217. */
export interface Money {
  readonly minorUnits: number
  readonly currencyCode: string
}

/** Decimal places of a currency's minor unit, per ISO 4217 as the runtime knows it. */
function decimalPlaces(currencyCode: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency: currencyCode }).resolvedOptions()
      .maximumFractionDigits ?? 2
  )
}

const placesByCurrency = new Map<string, number>()

/** The decimal text of an amount, as the graph answers it: `{ minorUnits: 1999, currencyCode: 'USD' }` is `19.99`. */
export function formatAmount(money: Money): string {
  let places = placesByCurrency.get(money.currencyCode)
  if (places === undefined) {
    places = decimalPlaces(money.currencyCode)
    placesByCurrency.set(money.currencyCode, places)
  }
  const digits = String(Math.abs(money.minorUnits)).padStart(places + 1, '0')
  const sign = money.minorUnits < 0 ? '-' : ''
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
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
