import { seededId } from '../../kit/ids.ts'
import { demoApps } from '../demo-world/apps.ts'
import { daysBefore, pickFrom, wholeBetween } from '../demo-world/deterministic.ts'
import type { DemoOrganization } from '../demo-world/organizations.ts'
import { demoPlans } from '../demo-world/plans.ts'
import { demoSkus } from '../demo-world/products.ts'
import type { Invoice, InvoiceLine, InvoiceStatus } from './models/invoices.ts'
import { shareOf, totalOf } from './rules.ts'

const paymentTermDays = 30
/** What partners pay of the list price, in basis points. */
const shareByTier = { registered: 10_000, silver: 9_400, gold: 8_900 } as const

type Unnumbered = Omit<Invoice, 'number'>

/** Monthly invoices of each partner; numbers are given in the order in which they were issued. */
export function demoInvoices(partners: readonly DemoOrganization[], now: Date): Invoice[] {
  const invoices = partners.flatMap((partner) => invoicesOf(partner, now))
  const issued = invoices
    .flatMap((invoice) => (invoice.issuedAt === null ? [] : [{ ...invoice, issuedAt: invoice.issuedAt }]))
    .toSorted((a, b) => a.issuedAt.getTime() - b.issuedAt.getTime() || (a._id < b._id ? -1 : 1))
  return [
    ...invoices.filter(({ issuedAt }) => issuedAt === null),
    ...issued.map((invoice, index) => ({
      ...invoice,
      number: `INV-${invoice.issuedAt.getUTCFullYear()}-${String(41_200 + index).padStart(6, '0')}`,
    })),
  ]
}

/** This month's draft, the last month's that is open, older ones that are paid, some of them cancelled. */
function invoicesOf(partner: DemoOrganization, now: Date): Unnumbered[] {
  const months = Math.min(7, Math.floor(partner.joinedDaysAgo / 30))
  return Array.from({ length: months }, (_, monthsAgo): Unnumbered => {
    const key = `${partner.slug}:${monthsAgo}`
    const createdAt = daysBefore(now, monthsAgo * 30 + wholeBetween(`created:${key}`, 2, 6), key)
    const status = statusOf(key, monthsAgo)
    const issuedAt = status === 'DRAFT' ? null : new Date(createdAt.getTime() + 3 * 60 * 60 * 1000)
    const lines = linesOf(partner, key)
    return {
      _id: seededId('Invoice', key),
      organizationId: partner.id,
      status,
      createdAt,
      issuedAt,
      dueAt: issuedAt === null ? null : new Date(issuedAt.getTime() + paymentTermDays * 24 * 60 * 60 * 1000),
      total: totalOf(lines),
      lines,
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

function linesOf({ slug, tier }: DemoOrganization, key: string): InvoiceLine[] {
  const goods = Array.from({ length: wholeBetween(`lines:${key}`, 1, 5) }, (_, index) => {
    const sku = pickFrom(`sku:${key}:${index}`, demoSkus)
    const listPrice = { minorUnits: sku.listPriceMinorUnits, currencyCode: 'EUR' }
    const most = sku.listPriceMinorUnits > 200_000 ? 4 : 40
    return line(
      `${sku.code} ${sku.name}`,
      wholeBetween(`quantity:${key}:${index}`, 1, most),
      shareOf(listPrice, shareByTier[tier ?? 'registered']),
    )
  })
  const fees = demoApps.flatMap(({ name, organization, plan: handle }) => {
    const plan = demoPlans.find((candidate) => candidate.handle === handle)
    if (organization !== slug || plan === undefined || plan.monthlyPriceMinorUnits === 0) return []
    return [line(`${plan.name} plan, ${name}`, 1, { minorUnits: plan.monthlyPriceMinorUnits, currencyCode: 'EUR' })]
  })
  return [...goods, ...fees]
}

function line(description: string, quantity: number, unitPrice: InvoiceLine['unitPrice']): InvoiceLine {
  return {
    description,
    quantity,
    unitPrice,
    amount: { ...unitPrice, minorUnits: unitPrice.minorUnits * quantity },
  }
}
