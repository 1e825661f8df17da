import { type Money, addMoney } from '../../../kit/money.ts'
import { priceUsage } from '../plans/pricing-rule.ts'
import type { Charge } from '../subscriptions/charge.ts'
import type { SubscriptionMonth } from '../subscriptions/subscription.ts'
import type { InvoiceLine } from './invoice.ts'

/** Charges and credits of a month as lines, in the order in which they were made. */
export function chargeLines(charges: readonly Charge[]): InvoiceLine[] {
  return charges.map(({ kind, description, amount, revenueShare }) => ({
    kind,
    description,
    quantity: 1,
    unitPrice: amount,
    unitsPerPrice: 1,
    amount,
    revenueShare,
  }))
}

/** The usage of an app beyond what its plan includes, by the rules that held when the month ended. */
export function usageLines(month: SubscriptionMonth, usedUnits: (meter: string) => number): InvoiceLine[] {
  const { appName, currencyCode, pricing } = month
  return pricing.flatMap((rule) =>
    priceUsage(rule, usedUnits(rule.meter)).map(({ quantity, unitsPerPrice, priceMinorUnits, minorUnits }) => ({
      kind: 'USAGE' as const,
      description: `${rule.meter}${rule.scheme === 'PACKAGE' ? `, packages of ${rule.unitsPerPrice}` : ''}, ${appName}`,
      quantity,
      unitPrice: { minorUnits: priceMinorUnits, currencyCode },
      unitsPerPrice,
      amount: { minorUnits, currencyCode },
      revenueShare: rule.revenueShare,
    })),
  )
}

/** What the lines of an invoice come to; an invoice has at least one. */
export function totalOf(lines: readonly { readonly amount: Money }[]): Money {
  return lines.map(({ amount }) => amount).reduce(addMoney)
}
