import type { ClientSession } from 'mongoose'
import type { Timer } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import type { BillingWork } from '../billing-work.ts'
import { type Period, periodEnd } from '../calendar.ts'
import { forEachDue } from '../for-each-due.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { inTransaction } from '../transaction.ts'
import type { Invoice, InvoiceLine } from './invoice.ts'
import { chargeLines, totalOf, usageLines } from './invoice-lines.ts'

const monthsPerBatch = 100
/** When months are looked at again that cannot be invoiced yet. */
const retryMs = 5 * 60 * 1000
/** How long a draft can be looked at before it is issued by itself. */
const reviewMs = 24 * 60 * 60 * 1000

/**
 * Draws up the invoices of months that are over, by organization, each in a transaction of its own: what a run has
 * done stays done when it is interrupted, and the next one goes on with what is still open.
 */
export const invoiceRun: Timer<BillingModels> = {
  name: 'invoice-run',
  async run(context) {
    const { subscriptionMonths } = context.models
    const due = await subscriptionMonths.due(context.now(), monthsPerBatch)
    return forEachDue(due, 4, async ({ organizationId, period }) => {
      let done = false
      try {
        done = await inTransaction(context.connection, (session) =>
          invoiceMonth(context, session, organizationId, period),
        )
      } finally {
        // What lags or fails has a row for each of its apps: left due, it would fill every batch.
        if (!done) {
          await subscriptionMonths.postpone(organizationId, period, new Date(context.now().getTime() + retryMs))
        }
      }
    })
  },
}

/**
 * Draws up what an organization owes for a month, one invoice per currency. False when there is nothing to do, or
 * not yet: another process was first, or a subscription has still to be renewed past the month's end.
 */
export async function invoiceMonth(
  work: BillingWork,
  session: ClientSession,
  organizationId: string,
  period: Period,
): Promise<boolean> {
  const { models } = work
  const months = await models.subscriptionMonths.findOpen(organizationId, period, session)
  if (months.length === 0) return false
  if (await models.subscriptions.lagsBehind(organizationId, periodEnd(period), session)) return false
  const monthIds = months.map(({ _id }) => _id)
  // Each is closed once: of two runs over the same months, one finds them open.
  if ((await models.subscriptionMonths.close(monthIds, session)) !== months.length) return false

  const appIds = [...new Set(months.map(({ appId }) => appId))]
  const charges = await models.charges.findOpen(organizationId, period, session)
  const gateway = new Map((await models.usage.readMonth(appIds, period, session)).map((row) => [row.appId, row]))
  const meters = new Map(
    (await models.meters.readMonth(appIds, period, { session })).map(({ appId, meter, quantity }) => [
      `${appId}:${meter}`,
      quantity,
    ]),
  )
  const used = (appId: string, meter: string): number => {
    if (meter === 'calls') return gateway.get(appId)?.callCount ?? 0
    if (meter === 'cost') return gateway.get(appId)?.costPoints ?? 0
    return meters.get(`${appId}:${meter}`) ?? 0
  }
  const lines = [
    ...chargeLines(charges),
    ...months.flatMap((month) => usageLines(month, (meter) => used(month.appId, meter))),
  ]
  let count = await models.invoices.countOf(organizationId, period, session)
  for (const currencyCode of [...new Set(lines.map(({ amount }) => amount.currencyCode))].toSorted()) {
    count += 1
    const own = lines.filter(({ amount }) => amount.currencyCode === currencyCode)
    const invoice = draft(work, { organizationId, period, lines: own, runKey: `${organizationId}:${period}:${count}` })
    await models.invoices.insert(invoice, session)
    const onIt = charges.filter(({ amount }) => amount.currencyCode === currencyCode).map(({ _id }) => _id)
    const put = onIt.length === 0 ? 0 : await models.charges.putOnInvoice(onIt, invoice._id, session)
    if (put !== onIt.length) throw new Error(`charges of ${organizationId} for ${period} are on another invoice`)
  }
  return true
}

function draft(
  { now }: BillingWork,
  {
    organizationId,
    period,
    runKey,
    lines,
  }: {
    readonly organizationId: string
    readonly period: Period
    readonly runKey: string
    readonly lines: readonly InvoiceLine[]
  },
): Invoice {
  const createdAt = now()
  const total = totalOf(lines)
  return {
    _id: createId('Invoice'),
    organizationId,
    period,
    runKey,
    status: 'DRAFT',
    createdAt,
    issueAt: new Date(createdAt.getTime() + reviewMs),
    issuedAt: null,
    dueAt: null,
    paidAt: null,
    voidedAt: null,
    voidReason: null,
    total,
    paid: { ...total, minorUnits: 0 },
    payments: [],
    lines,
    words: searchWords(period),
    version: 1,
  }
}
