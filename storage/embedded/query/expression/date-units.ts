import { CommandError } from '../../errors.ts'
import { typeOf } from '../value-type.ts'
import { checkedDate } from './checked-date.ts'

const fixedUnits = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 }
const monthsIn = { year: 12, quarter: 3, month: 1 }

export type DateUnit = keyof typeof fixedUnits | keyof typeof monthsIn

/** Refuses what names no unit of time. */
export function checkedUnit(unit: unknown, name: string): DateUnit {
  if (typeof unit === 'string' && (Object.hasOwn(fixedUnits, unit) || Object.hasOwn(monthsIn, unit)))
    return unit as DateUnit
  throw new CommandError('FailedToParse', `${name} requires 'unit' to be a unit of time, found: ${String(unit)}`)
}

/** Adds units; a month that is too short gets its last day. */
export function addUnits(date: Date, unit: DateUnit, amount: number): Date {
  if (unit in fixedUnits) return checkedDate(date.getTime() + amount * fixedUnits[unit as keyof typeof fixedUnits])
  const months = monthIndex(date) + amount * monthsIn[unit as keyof typeof monthsIn]
  const lastDay = new Date(startOfMonth(months + 1) - 86_400_000).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  return checkedDate(startOfMonth(months) + (day - 1) * 86_400_000 + millisecondsOfDay(date))
}

/** The boundaries of a unit that lie between two dates. */
export function unitsBetween(
  start: Date,
  end: Date,
  { unit, weekStart }: { unit: DateUnit; weekStart: number },
): number {
  if (unit in monthsIn) {
    const size = monthsIn[unit as keyof typeof monthsIn]
    return Math.floor(monthIndex(end) / size) - Math.floor(monthIndex(start) / size)
  }
  const size = fixedUnits[unit as keyof typeof fixedUnits]
  const shift = unit === 'week' ? weekShift(weekStart) : 0
  return Math.floor((end.getTime() + shift) / size) - Math.floor((start.getTime() + shift) / size)
}

/** The start of the bin of so many units that a date lies in; bins are counted from the year 2000. */
export function truncateToUnit(
  date: Date,
  { unit, bin, weekStart }: { unit: DateUnit; bin: number; weekStart: number },
): Date {
  if (unit in monthsIn) {
    const size = monthsIn[unit as keyof typeof monthsIn] * bin
    const reference = 2000 * 12
    return checkedDate(startOfMonth(reference + Math.floor((monthIndex(date) - reference) / size) * size))
  }
  const size = fixedUnits[unit as keyof typeof fixedUnits] * bin
  const reference = unit === 'week' ? firstWeekOf2000(weekStart) : Date.UTC(2000, 0, 1)
  return checkedDate(reference + Math.floor((date.getTime() - reference) / size) * size)
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** The weekday's number, Sunday 0, from its name or its first three letters. */
export function weekdayOf(name: unknown): number {
  if (name === undefined) return 0
  const text = typeof name === 'string' ? name.toLowerCase() : ''
  const index = weekdays.findIndex((day) => day === text || day.slice(0, 3) === text)
  if (index >= 0) return index
  throw new CommandError('FailedToParse', `'startOfWeek' must be a day of the week, found: ${text || typeOf(name)}`)
}

/** 1970 began on a Thursday. */
function weekShift(weekStart: number): number {
  return ((4 - weekStart + 7) % 7) * fixedUnits.day
}

/** 2000 began on a Saturday. */
function firstWeekOf2000(weekStart: number): number {
  return Date.UTC(2000, 0, 1 + ((weekStart - 6 + 7) % 7))
}

function monthIndex(date: Date): number {
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function startOfMonth(index: number): number {
  const date = new Date(0)
  date.setUTCFullYear(Math.floor(index / 12), ((index % 12) + 12) % 12, 1)
  return date.getTime()
}

function millisecondsOfDay(date: Date): number {
  return ((date.getTime() % fixedUnits.day) + fixedUnits.day) % fixedUnits.day
}
