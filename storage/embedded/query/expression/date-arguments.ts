import { ObjectId, Timestamp } from 'bson'
import { CommandError, unsupported } from '../../errors.ts'
import { typeOf } from '../value-type.ts'

/** What date operators take for a date: dates, and the time inside timestamps and ObjectIds. */
export function dateOf(value: unknown): Date {
  if (value instanceof Date) return value
  if (value instanceof Timestamp) return new Date(value.t * 1000)
  if (value instanceof ObjectId) return value.getTimestamp()
  throw new CommandError('Location16006', `can't convert from BSON type ${typeOf(value)} to Date`)
}

const minuteMs = 60_000

/** The milliseconds that a zone is ahead of UTC. Only UTC and fixed offsets: named zones are refused. */
export function zoneOffset(timezone: unknown): number {
  if (timezone === undefined) return 0
  if (typeof timezone !== 'string') {
    throw new CommandError('Location40517', `timezone must evaluate to a string, found ${typeOf(timezone)}`)
  }
  if (['UTC', 'GMT', 'Z', 'Etc/UTC'].includes(timezone)) return 0
  const offset = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(timezone)
  if (offset === null)
    throw unsupported('InvalidPipelineOperator', `the time zone '${timezone}', other than UTC or an offset,`)
  const [, sign, hours, minutes = '0'] = offset
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs
}

/** The date whose UTC fields are the local ones. */
export function localDate(value: unknown, timezone: unknown): Date {
  return new Date(dateOf(value).getTime() + zoneOffset(timezone))
}

/** Days since the first of January, counted from one. */
export function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

/** The ISO 8601 week and the year that it belongs to. */
export function isoWeek(date: Date): { year: number; week: number } {
  const weekday = date.getUTCDay() || 7
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - weekday))
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) }
}
