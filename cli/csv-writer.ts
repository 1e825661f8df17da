import type { Duplex } from 'node:stream'
import { stringify } from 'csv-stringify'

/**
 * A stream from flat records to CSV with a header. Texts that a spreadsheet would run as a formula get an apostrophe
 * in front: they may come from a partner. Numbers, negative ones too, stay as they are.
 */
export function csvWriter(columns: readonly string[]): Duplex {
  return stringify({
    header: true,
    columns: [...columns],
    cast: {
      boolean: String,
      string: (text) => (/^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text),
    },
  })
}
