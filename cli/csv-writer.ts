import type { Duplex } from 'node:stream'
import { type Options, stringify } from 'csv-stringify'
import { stringify as stringifyNow } from 'csv-stringify/sync'

type FlatRecord = Readonly<Record<string, string | number | boolean | null>>

/**
 * How CSV is written. Texts that a spreadsheet would run as a formula get an apostrophe in front: they may come from a
 * partner. Numbers, negative ones too, stay as they are.
 */
const csvOptions = (columns: readonly string[]): Options => ({
  columns: [...columns],
  cast: {
    boolean: String,
    string: (text) => (/^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text),
  },
})

/** A stream from flat records to CSV with a header. */
export function csvWriter(columns: readonly string[]): Duplex {
  return stringify({ ...csvOptions(columns), header: true })
}

/** Flat records as CSV, with or without a header. */
export function toCsv(records: readonly FlatRecord[], columns: readonly string[], header: boolean): string {
  return stringifyNow([...records], { ...csvOptions(columns), header })
}
