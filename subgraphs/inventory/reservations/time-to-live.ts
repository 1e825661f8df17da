import type { Caller } from '../../../kit/caller.ts'
import type { LineRefusal } from '../levels/line-errors.ts'

/** How long a reservation is held when its order does not tell: a day. */
export const defaultMinutes = 24 * 60

/** A partner may hold stock for 30 days; the platform for as long as a deal can be protected, and then some. */
const mostMinutes = { partner: 30 * 24 * 60, operator: 180 * 24 * 60 } as const

/** Why a time to live is refused; undefined when it may stand. */
export function checkTimeToLive(caller: Caller, minutes: number | null | undefined): LineRefusal | undefined {
  if (minutes === null || minutes === undefined) return undefined
  const most = caller.operator ? mostMinutes.operator : mostMinutes.partner
  if (Number.isSafeInteger(minutes) && minutes >= 1 && minutes <= most) return undefined
  return { code: 'INVALID_TIME_TO_LIVE', field: 'ttlMinutes', message: `ttlMinutes must be between 1 and ${most}.` }
}

/** When a reservation ends that is held for some minutes from now on. */
export function endOf(now: Date, minutes: number): Date {
  return new Date(now.getTime() + minutes * 60_000)
}
