import { stringify } from 'csv-stringify/sync'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv, readHeader, toLine } from '../../jobs/imports/read-line.ts'
import { splitRecords } from '../../jobs/imports/split-records.ts'
import type { ImportColumn } from '../../kit/background.ts'

/** Splits a text that comes in pieces as the worker does. */
function splitPieces(pieces: readonly string[], format: 'CSV' | 'NDJSON', delimiter = ','): string[] {
  const all: string[] = []
  let carry = ''
  for (const piece of [...pieces, '\n']) {
    const { records, rest } = splitRecords(carry + piece, format, delimiter)
    all.push(...records)
    carry = rest
  }
  return all
}

const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r\n', ' ', 'ü', '5'), maxLength: 6 })
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 8 })
const cuts = fc.array(fc.nat(200), { maxLength: 6 })

function cut(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.filter((place) => place < text.length).toSorted((a, b) => a - b), text.length]
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end))
}

describe('the records of a file', () => {
  it('are the same wherever the file is cut, and hold what was written', () => {
    fc.assert(
      fc.property(table, cuts, fc.constantFrom(',', ';'), (rows, places, delimiter) => {
        const text = stringify(rows, { delimiter, quoted: true })
        const records = splitPieces(cut(text, places), 'CSV', delimiter)
        expect(records).toEqual(splitPieces([text], 'CSV', delimiter))
        const lines = readCsv(records, ['a', 'b'], delimiter)
        expect(lines.map((line) => ('values' in line ? Object.values(line.values) : line))).toEqual(rows)
      }),
    )
  })

  it.each([
    ['a,b\r\nc,d', ['a,b', 'c,d']],
    ['a,5" pipe\nb,c\n', ['a,5" pipe', 'b,c']],
    ['\n\na\n\n', ['a']],
    ['"a\nb",c\nd,e', ['"a\nb",c', 'd,e']],
    ['"say ""no"",\n",x', ['"say ""no"",\n",x']],
  ])('of %j are told by line breaks outside of quotes', (text, records) => {
    expect(splitPieces([text], 'CSV')).toEqual(records)
  })

  it('are lines in NDJSON', () => {
    expect(splitPieces(['{"a":1}\r\n\n{"a"', ':"x\\n"}'], 'NDJSON')).toEqual(['{"a":1}', '{"a":"x\\n"}'])
  })

  it('that are broken hide no other', () => {
    const lines = readCsv(['a,b', '"a"b,c', 'only', 'd,e'], ['x', 'y'], ',')
    expect(lines[0]).toEqual({ values: { x: 'a', y: 'b' } })
    expect(lines[2]).toEqual({ problem: 'The line has 1 fields, the header 2.' })
    expect(lines[3]).toEqual({ values: { x: 'd', y: 'e' } })
  })
})

const columns: readonly ImportColumn[] = [
  { name: 'sku', description: 'The SKU.', required: true, type: 'text' },
  { name: 'count', description: 'How many.', required: true, type: 'integer' },
  { name: 'price', description: 'Of one.', required: false, type: 'decimal' },
  { name: 'new', description: 'Whether new.', required: false, type: 'boolean' },
  { name: 'at', description: 'When.', required: false, type: 'moment' },
]

describe('a header', () => {
  it('names the columns in any order', () => {
    expect(readHeader(' count ,sku', ',', columns)).toEqual(['count', 'sku'])
    expect(readHeader('"sku";"count"', ';', columns)).toEqual(['sku', 'count'])
  })

  it.each([
    ['sku,colour,count', 'UNKNOWN_COLUMN', 'There is no column "colour".'],
    ['sku,price', 'MISSING_COLUMN', 'The header lacks "count".'],
    ['sku,count,sku', 'REPEATED_COLUMN', 'A column occurs twice.'],
  ])('%s is refused with %s', (record, code, message) => {
    const failure = readHeader(record, ',', columns) as { code: string; message: string }
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(message)
    expect(failure.message).toContain('sku, count, price (optional)')
  })
})

const read = (values: Record<string, unknown>) => toLine(7, { values }, columns)

describe('a line', () => {
  it('has values of the types of its columns, however they were written', () => {
    const line = { sku: 'A', count: 12, price: '3.50', new: true, at: new Date('2026-11-02T09:30:00Z') }
    const text = { sku: ' A ', count: '12', price: '3.50', new: 'true', at: '2026-11-02T10:30:00+01:00' }
    expect(read(text)).toEqual({ line: { number: 7, values: line } })
    expect(read({ ...text, count: 12, new: true, sku: 'A' })).toEqual({ line: { number: 7, values: line } })
    expect(read({ sku: 'A', count: '0' })).toEqual({
      line: { number: 7, values: { sku: 'A', count: 0, price: null, new: null, at: null } },
    })
  })

  it.each([
    [{ sku: '', count: 1 }, 'MISSING_VALUE', 'sku'],
    [{ sku: ' \t', count: 1 }, 'MISSING_VALUE', 'sku'],
    [{ sku: 'A' }, 'MISSING_VALUE', 'count'],
    [{ sku: 'A', count: '1.5' }, 'INVALID_VALUE', 'count'],
    [{ sku: 'A', count: '1e3' }, 'INVALID_VALUE', 'count'],
    [{ sku: 'A', count: '99999999999999999999' }, 'INVALID_VALUE', 'count'],
    [{ sku: 'A', count: 1, price: '1,50' }, 'INVALID_VALUE', 'price'],
    [{ sku: 'A', count: 1, price: Number.NaN }, 'INVALID_VALUE', 'price'],
    [{ sku: 'A', count: 1, new: 'yes' }, 'INVALID_VALUE', 'new'],
    [{ sku: 'A', count: 1, at: 'tomorrow' }, 'INVALID_VALUE', 'at'],
    [{ sku: { $gt: '' }, count: 1 }, 'INVALID_VALUE', 'sku'],
    [{ sku: ['A'], count: 1 }, 'INVALID_VALUE', 'sku'],
    [{ sku: 'x'.repeat(10_001), count: 1 }, 'INVALID_VALUE', 'sku'],
    [{ sku: '\ud800', count: 1 }, 'INVALID_VALUE', 'sku'],
    [{ sku: 'A', count: 1, __proto__x: 1 }, 'UNKNOWN_COLUMN', '__proto__x'],
  ])('%j is refused with %s for %s', (values, code, column) => {
    expect(read(values)).toEqual({ refusal: { line: 7, column, code, message: expect.any(String) as string } })
  })
})
