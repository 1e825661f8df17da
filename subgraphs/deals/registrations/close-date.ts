import type { InputErrors } from '../input-errors.ts'

const dayMs = 24 * 60 * 60 * 1000
const furthestMs = 5 * 366 * dayMs

/** Notes a date that is no day on which a customer can still order. */
export function checkCloseDate(
  date: Date,
  { field, now }: { readonly field: string; readonly now: Date },
  errors: InputErrors,
): void {
  // By days, so that "today" is accepted at any hour.
  if (date.getTime() < Math.floor(now.getTime() / dayMs) * dayMs) {
    errors.add([field], 'The expected close date is in the past.')
  } else if (date.getTime() > now.getTime() + furthestMs) {
    errors.add([field], 'The expected close date is more than five years ahead.')
  }
}
