import { parse } from 'csv-parse/sync'
import type { ImportColumn, ImportLine, ImportRefusal, ImportValue } from '../../kit/background.ts'
import type { ImportFailure } from './import-job.ts'

/** A record as named texts or JSON values, or why it is none. */
export type RawLine = { readonly values: Readonly<Record<string, unknown>> } | { readonly problem: string }

const longestValue = 10_000

/** Reads CSV records, for which `header` names the fields in order. */
export function readCsv(records: readonly string[], header: readonly string[], delimiter: string): RawLine[] {
  let rows: string[][]
  try {
    rows = parseRows(records.join('\n'), delimiter)
  } catch {
    // One by one, so that a broken record is told by itself and hides no other.
    return records.map((record) => readCsvRecord(record, header, delimiter))
  }
  // A record that the parser splits or joins differently than we have must not shift the others.
  if (rows.length !== records.length) return records.map((record) => readCsvRecord(record, header, delimiter))
  return rows.map((row) => toRawLine(row, header))
}

/** Reads NDJSON records: each an object of plain values. */
export function readNdjson(records: readonly string[]): RawLine[] {
  return records.map((record) => {
    try {
      const value: unknown = JSON.parse(record)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return { values: value as Record<string, unknown> }
      }
      return { problem: 'The line is no JSON object.' }
    } catch {
      return { problem: 'The line is no valid JSON.' }
    }
  })
}

/** The names in the first record of a CSV; a failure when they do not fit the columns of the kind. */
export function readHeader(
  record: string,
  delimiter: string,
  columns: readonly ImportColumn[],
): readonly string[] | ImportFailure {
  let names: string[]
  try {
    names = (parseRows(record, delimiter)[0] ?? []).map((name) => name.trim())
  } catch {
    return { code: 'INVALID_HEADER', message: 'The header is no CSV record: check its quotes.' }
  }
  const known = new Set(columns.map(({ name }) => name))
  const unknown = names.filter((name) => !known.has(name))
  const message = `The columns are ${columns.map(({ name, required }) => (required ? name : `${name} (optional)`)).join(', ')}.`
  if (unknown.length > 0)
    return { code: 'UNKNOWN_COLUMN', message: `There is no column ${quoted(unknown)}. ${message}` }
  if (new Set(names).size < names.length)
    return { code: 'REPEATED_COLUMN', message: `A column occurs twice. ${message}` }
  const missing = columns.filter(({ name, required }) => required && !names.includes(name)).map(({ name }) => name)
  if (missing.length > 0) return { code: 'MISSING_COLUMN', message: `The header lacks ${quoted(missing)}. ${message}` }
  return names
}

/** Checks a record against the columns of its kind. */
export function toLine(
  number: number,
  raw: RawLine,
  columns: readonly ImportColumn[],
): { readonly line: ImportLine } | { readonly refusal: ImportRefusal } {
  const refusal = (code: string, message: string, column: string | null = null) => ({
    refusal: { line: number, column, code, message },
  })
  if ('problem' in raw) return refusal('INVALID_LINE', raw.problem)
  const names = new Set(columns.map(({ name }) => name))
  const unknown = Object.keys(raw.values).find((name) => !names.has(name))
  if (unknown !== undefined) return refusal('UNKNOWN_COLUMN', `There is no column ${quoted([unknown])}.`, unknown)
  const values: Record<string, ImportValue> = {}
  for (const { name, required, type } of columns) {
    const given = Object.hasOwn(raw.values, name) ? raw.values[name] : null
    const text = typeof given === 'string' ? given.trim() : null
    if (given === null || text === '') {
      if (required) return refusal('MISSING_VALUE', `${name} must be given.`, name)
      values[name] = null
      continue
    }
    const value = readers[type](given, text)
    if (value === undefined) return refusal('INVALID_VALUE', `${name} must be ${expectations[type]}.`, name)
    values[name] = value
  }
  return { line: { number, values } }
}

const expectations: Readonly<Record<ImportColumn['type'], string>> = {
  text: `a text of at most ${longestValue} characters`,
  integer: 'a whole number',
  decimal: 'a number such as 12.50',
  boolean: 'true or false',
  moment: 'a moment in ISO 8601 such as 2026-11-02T09:30:00Z',
}

type Read = (given: unknown, text: string | null) => ImportValue | undefined

/** How a given value is read, by type; `text` is the value where it is one. Undefined for what is not of the type. */
const readers: Readonly<Record<ImportColumn['type'], Read>> = {
  text: (given, text) => {
    if (typeof given === 'number' || typeof given === 'boolean') return String(given)
    // A half of a surrogate pair is stored as another character, by which the line would not be found again.
    return text !== null && text.length <= longestValue && !/\p{Surrogate}/u.test(text) ? text : undefined
  },
  integer: (given, text) => {
    const number = text !== null && /^[+-]?\d{1,16}$/.test(text) ? Number(text) : given
    return Number.isSafeInteger(number) ? (number as number) : undefined
  },
  // It stays a text: a price must not become a floating-point number on its way.
  decimal: (given, text) => {
    const decimal = text ?? (typeof given === 'number' && Number.isFinite(given) ? String(given) : '')
    return /^[+-]?\d{1,15}(\.\d{1,6})?$/.test(decimal) ? decimal : undefined
  },
  boolean: (given, text) => (typeof given === 'boolean' ? given : booleans.get(text)),
  moment: (_, text) =>
    text !== null && isoMoment.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text) : undefined,
}

const booleans: ReadonlyMap<string | null, boolean> = new Map([
  ['true', true],
  ['false', false],
])

const isoMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

function readCsvRecord(record: string, header: readonly string[], delimiter: string): RawLine {
  try {
    const [row = [], ...more] = parseRows(record, delimiter)
    return more.length > 0 ? { problem: 'The line is no CSV record: check its quotes.' } : toRawLine(row, header)
  } catch {
    return { problem: 'The line is no CSV record: check its quotes.' }
  }
}

function toRawLine(row: readonly string[], header: readonly string[]): RawLine {
  if (row.length !== header.length)
    return { problem: `The line has ${row.length} fields, the header ${header.length}.` }
  return { values: Object.fromEntries(header.map((name, place) => [name, row[place]])) }
}

function parseRows(text: string, delimiter: string): string[][] {
  return parse(text, { delimiter, relax_quotes: true, relax_column_count: true, record_delimiter: ['\n'] })
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name.slice(0, 60))).join(', ')
}
