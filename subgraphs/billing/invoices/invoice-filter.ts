import { CodedError } from '../../../kit/errors.ts'
import { matchingWords } from '../../../storage/search.ts'
import { isPeriod } from '../calendar.ts'
import { range } from '../date-range.ts'
import type { InvoiceStatus } from './invoice.ts'

export interface InvoiceFilter {
  readonly status?: InvoiceStatus | null
  readonly period?: string | null
  readonly overdue?: boolean | null
  readonly createdFrom?: Date | null
  readonly createdTo?: Date | null
  readonly search?: string | null
}

/** The condition of a filter; an overdue invoice is open past its due date. */
export function invoiceCondition(filter: InvoiceFilter, now: Date): Readonly<Record<string, unknown>> {
  const { status, period, overdue, createdFrom, createdTo, search } = filter
  if (period && !isPeriod(period)) {
    throw new CodedError('BAD_USER_INPUT', '`period` is a month such as 2026-11.', { argument: 'period' })
  }
  if (overdue && status && status !== 'OPEN') {
    throw new CodedError('BAD_USER_INPUT', 'Only OPEN invoices are overdue.', { argument: 'overdue' })
  }
  return {
    ...(status ? { status } : {}),
    ...(overdue ? { status: 'OPEN', dueAt: { $lt: now } } : {}),
    ...(period ? { period } : {}),
    ...range('createdAt', createdFrom, createdTo),
    ...(search ? matchingWords('words', search) : {}),
  }
}
