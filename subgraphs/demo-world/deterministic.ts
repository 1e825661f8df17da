import { createHash } from 'node:crypto'

/** A number from 0 to below 1 that depends on the key alone: seeds look random and are the same everywhere. */
export function fractionOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32
}

/** A whole number from `min` to `max`, both included. */
export function wholeBetween(key: string, min: number, max: number): number {
  return min + Math.floor(fractionOf(key) * (max - min + 1))
}

/** One item of a list. */
export function pickFrom<Item>(key: string, items: readonly Item[]): Item {
  const item = items[Math.floor(fractionOf(key) * items.length)]
  if (item === undefined) throw new Error(`nothing to pick from for ${key}`)
  return item
}

/** A moment some days before `now`, at a plausible minute of the working day (UTC). */
export function daysBefore(now: Date, days: number, key: string): Date {
  const day = new Date(now.getTime() - days * 24 * 60 * 60 * 1000)
  day.setUTCHours(7, 0, 0, 0)
  const moment = new Date(day.getTime() + wholeBetween(key, 0, 10 * 60) * 60 * 1000)
  // Early in the day, today's working hours may still lie ahead.
  return moment > now ? now : moment
}
