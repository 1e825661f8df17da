import { seededId } from '../../kit/ids.ts'
import type { Money } from '../../kit/money.ts'
import { searchWords } from '../../storage/search.ts'
import { demoApps } from '../demo-world/apps.ts'
import { daysBefore, pickFrom, wholeBetween } from '../demo-world/deterministic.ts'
import { type DemoOrganization, demoOrganization } from '../demo-world/organizations.ts'
import { type DemoPlan, demoPlans } from '../demo-world/plans.ts'
import { demoSkus } from '../demo-world/products.ts'
import { type Invoice, type InvoiceLine, type InvoiceStatus, paymentTermDays } from './invoices/invoice.ts'
import { totalOf } from './invoices/invoice-lines.ts'
import { shareOf } from './money/rounding.ts'

const dayMs = 24 * 60 * 60 * 1000
/** What partners pay of the list price, in basis points. */
const shareByTier = { registered: 10_000, silver: 9_400, gold: 8_900 } as const

/** Monthly invoices of each partner; numbers are given in the order in which they were issued. */
export function demoInvoices(partners: readonly DemoOrganization[], now: Date): { invoices: Invoice[]; last: number } {
  const invoices = partners.flatMap((partner) => invoicesOf(partner, now))
  const issued = invoices
    .flatMap((invoice) => (invoice.issuedAt === null ? [] : [{ ...invoice, issuedAt: invoice.issuedAt }]))
    .toSorted((a, b) => a.issuedAt.getTime() - b.issuedAt.getTime() || (a._id < b._id ? -1 : 1))
  const numbered = issued.map((invoice, index) => {
    const number = `INV-${invoice.issuedAt.getUTCFullYear()}-${String(41_200 + index).padStart(6, '0')}`
    return { ...invoice, number, words: searchWords(number) }
  })
  return {
    invoices: [...invoices.filter(({ issuedAt }) => issuedAt === null), ...numbered],
    last: 41_199 + issued.length,
  }
}

/** This month's draft, the last month's that is open, older ones that are paid, some of them cancelled. */
function invoicesOf(partner: DemoOrganization, now: Date): Invoice[] {
  const months = Math.min(7, Math.floor(partner.joinedDaysAgo / 30))
  return Array.from({ length: months }, (_, monthsAgo): Invoice => {
    const key = `${partner.slug}:${monthsAgo}`
    const createdAt = daysBefore(now, monthsAgo * 30 + wholeBetween(`created:${key}`, 2, 6), key)
    const status = statusOf(key, monthsAgo)
    const issuedAt = status === 'DRAFT' ? null : new Date(createdAt.getTime() + 3 * 60 * 60 * 1000)
    const lines = linesOf(partner, key)
    const total = totalOf(lines)
    const isPaid = status === 'PAID'
    const settledAt = issuedAt === null ? null : daysAfter(issuedAt, wholeBetween(`settled:${key}`, 8, 28), now)
    const reference = `SEPA ${key}`
    return {
      _id: seededId('Invoice', key),
      organizationId: partner.id,
      period: null,
      status,
      createdAt,
      issueAt: null,
      issuedAt,
      dueAt: issuedAt === null ? null : new Date(issuedAt.getTime() + paymentTermDays * dayMs),
      paidAt: isPaid ? settledAt : null,
      voidedAt: status === 'VOID' ? settledAt : null,
      voidReason: status === 'VOID' ? 'The order was cancelled.' : null,
      total,
      paid: isPaid ? total : { ...total, minorUnits: 0 },
      payments: isPaid && settledAt !== null ? [{ amount: total, reference, receivedAt: settledAt }] : [],
      lines,
      words: [],
      version: 1,
    }
  })
}

function statusOf(key: string, monthsAgo: number): InvoiceStatus {
  if (monthsAgo === 0) return 'DRAFT'
  if (monthsAgo === 1) return 'OPEN'
  // Some partners are late with last month's but one; about one in eight older ones was cancelled.
  if (monthsAgo === 2) return wholeBetween(`late:${key}`, 1, 3) === 1 ? 'OPEN' : 'PAID'
  return wholeBetween(`void:${key}`, 1, 5) === 1 ? 'VOID' : 'PAID'
}

function daysAfter(moment: Date, days: number, now: Date): Date {
  const later = new Date(moment.getTime() + days * dayMs)
  return later > now ? now : later
}

function linesOf({ slug, tier }: DemoOrganization, key: string): InvoiceLine[] {
  const goods = Array.from({ length: wholeBetween(`lines:${key}`, 1, 5) }, (_, index) => {
    const sku = pickFrom(`sku:${key}:${index}`, demoSkus)
    const most = sku.listPriceMinorUnits > 200_000 ? 4 : 40
    return line('GOODS', {
      description: `${sku.code} ${sku.name}`,
      quantity: wholeBetween(`quantity:${key}:${index}`, 1, most),
      unitPrice: shareOf(euros(sku.listPriceMinorUnits), shareByTier[tier ?? 'registered']),
    })
  })
  const used = demoApps.flatMap(({ name, organization, plan: handle }) => {
    const plan = demoPlans.find((candidate) => candidate.handle === handle)
    if (organization !== slug || plan === undefined || plan.monthlyPriceMinorUnits === 0) return []
    const unitPrice = euros(plan.monthlyPriceMinorUnits)
    return [
      line('PLAN_FEE', { description: `${plan.name} plan, ${name}`, quantity: 1, unitPrice }),
      ...pages(plan, name),
    ]
  })
  return [...goods, ...used]
}

function pages({ handle, pricing }: DemoPlan, appName: string): InvoiceLine[] {
  return pricing.flatMap(({ meter, scheme, unitsPerPrice, priceMinorUnits, share }) => {
    if (handle !== 'growth' || scheme !== 'PACKAGE' || share === undefined) return []
    const quantity = wholeBetween(`packages:${appName}`, 2, 24)
    const description = `${meter}, packages of ${unitsPerPrice}, ${appName}`
    const [organization, basisPoints] = share
    const revenueShare = { organizationId: demoOrganization(organization).id, basisPoints }
    return [{ ...line('USAGE', { description, quantity, unitPrice: euros(priceMinorUnits) }), revenueShare }]
  })
}

function euros(minorUnits: number): Money {
  return { minorUnits, currencyCode: 'EUR' }
}

function line(
  kind: InvoiceLine['kind'],
  { description, quantity, unitPrice }: Pick<InvoiceLine, 'description' | 'quantity' | 'unitPrice'>,
): InvoiceLine {
  const amount = { ...unitPrice, minorUnits: unitPrice.minorUnits * quantity }
  return { kind, description, quantity, unitPrice, unitsPerPrice: 1, amount, revenueShare: null }
}
