import { CommandError } from '../../errors.ts'

/** A date, or an error where JavaScript's range of dates ends: 8.64e15 ms to both sides of 1970. */
export function checkedDate(milliseconds: number): Date {
  const date = new Date(milliseconds)
  if (!Number.isNaN(date.getTime())) return date
  throw new CommandError('Overflow', `the date ${milliseconds} ms from 1970 is out of range`)
}
