import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readByNode, readByOurs } from './read-response.ts'

const json = '{"data":{"text":"Zürich \u{1F600}"}}'
const size = Buffer.byteLength(json)
const sized = (head: string, body: string): Buffer => Buffer.from(`HTTP/1.1 ${head}\r\n\r\n${body}`)
const chunked = (body: string): Buffer => sized('200 OK\r\nTransfer-Encoding: chunked', body)

const answers: readonly [string, Buffer, number, string][] = [
  ['of a known length', sized(`200 OK\r\nDate: now\r\nContent-Length: ${size}`, json), 200, json],
  ['without a reason', sized(`503\r\ncontent-length:${size}`, json), 503, json],
  ['without a body', sized('200 OK\r\nCONTENT-LENGTH:  0 ', ''), 200, ''],
  ['of status 204', sized('204 No Content', ''), 204, ''],
  ['of status 304, whose length is that of another', sized('304 Not Modified\r\nContent-Length: 5', ''), 304, ''],
  [
    'after others for information',
    Buffer.concat([
      Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
      sized(`200 OK\r\nContent-Length: ${size}`, json),
    ]),
    200,
    json,
  ],
  ['that ends with its connection', sized('200 OK\r\nX-Any: \u00e9\t"', json), 200, json],
  ['of HTTP/1.0 that ends with its connection', Buffer.from(`HTTP/1.0 200 OK\r\n\r\n${json}`), 200, json],
  ['in chunks', chunked('a\r\n{"data": 1\r\n00B\r\n, "more":2}\r\n0\r\n\r\n'), 200, '{"data": 1, "more":2}'],
  [
    'in chunks that cut a character',
    Buffer.concat([
      chunked('1\r\n'),
      Buffer.of(0xc3),
      Buffer.from('\r\n1\r\n'),
      Buffer.of(0xbc),
      Buffer.from('\r\n0\r\n\r\n'),
    ]),
    200,
    'ü',
  ],
  [
    'in chunks with extensions and a trailer',
    chunked('2;a=b\r\n{}\r\n0;c="d"\r\nDigest: x\r\nMore: y\r\n\r\n'),
    200,
    '{}',
  ],
]

const bad: readonly [string, string][] = [
  [
    'a body in two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  ],
  [
    'the same in the other order',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  ],
  ['unequal lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['a length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}'],
  ...['', '+2', '-2', '0x2', '2 2', '2.0', '2e0', '2;', '99999999999', '33554433'].map((length): [string, string] => [
    `the length "${length}"`,
    `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n{}`,
  ]),
  ...['gzip', 'gzip, chunked', 'chunked, chunked', 'identity', '', 'chunked;q=1', 'xchunked'].map(
    (coding): [string, string] => [
      `the transfer coding "${coding}"`,
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    ],
  ),
  [
    'two transfer codings',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
  ['a folded line', 'HTTP/1.1 200 OK\r\nX-Any: a\r\n b\r\nContent-Length: 2\r\n\r\n{}'],
  ['a folded first line', 'HTTP/1.1 200 OK\r\n Content-Length: 2\r\n\r\n{}'],
  ['white space before a colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}'],
  ['a field without a name', 'HTTP/1.1 200 OK\r\n: 2\r\n\r\n{}'],
  ['a field without a colon', 'HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n{}'],
  ['a CR alone in a value', 'HTTP/1.1 200 OK\r\nX-Any: a\rContent-Length: 2\r\n\r\n{}'],
  ['a CR alone at the end', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\r\n\r\n{}'],
  ['an LF alone', 'HTTP/1.1 200 OK\r\nX-Any: a\nContent-Length: 2\r\n\r\n{}'],
  ['LFs alone at the end', 'HTTP/1.1 200 OK\r\nContent-Length: 2\n\n{}'],
  ['a NUL', 'HTTP/1.1 200 OK\r\nX-Any: \0\r\nContent-Length: 2\r\n\r\n{}'],
  ['a head that is too large', `HTTP/1.1 200 OK\r\nX-Any: ${'a'.repeat(16 * 1024)}\r\nContent-Length: 2\r\n\r\n{}`],
  ['too many fields', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(3_000)}Content-Length: 2\r\n\r\n{}`],
  [
    'a trailer that is too large',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ${'a'.repeat(16 * 1024)}\r\n\r\n`,
  ],
  ['information without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000)],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ['information with a body', 'HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}'],
  ['an empty line first', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['another name', 'ICY/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['a status without a space', 'HTTP/1.1200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['bytes after the body', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}x'],
  ['a second answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
  ['a body where there is none', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}'],
  ...[
    ['a chunk that is longer than it says', '1\r\n{}\r\n0\r\n\r\n'],
    ['a chunk without a size', '\r\n{}\r\n0\r\n\r\n'],
    ['a chunk of an uncertain size', '0x2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk of a negative size', '-2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk with white space after its size', '2 \r\n{}\r\n0\r\n\r\n'],
    ['a chunk whose size ends with LF', '2\n{}\r\n0\r\n\r\n'],
    ['a chunk whose size ends with CR', '2\r{}\r\n0\r\n\r\n'],
    ['a chunk that ends with LF', '2\r\n{}\n0\r\n\r\n'],
    ['a chunk of a size of nine digits', '000000002\r\n{}\r\n0\r\n\r\n'],
    ['an extension without end', `2;${'a'.repeat(1_000)}\r\n{}\r\n0\r\n\r\n`],
    ['an extension with an LF', '2;a\nb\r\n{}\r\n0\r\n\r\n'],
    ['a trailer that is folded', '2\r\n{}\r\n0\r\nA: b\r\n c\r\n\r\n'],
    ['a trailer with LF alone', '2\r\n{}\r\n0\r\nA: b\n\r\n'],
    ['a length in a trailer', '2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n'],
    ['a transfer coding in a trailer', '2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['bytes after the last chunk', '2\r\n{}\r\n0\r\n\r\nx'],
  ].map(([name = '', body = '']): [string, string] => [
    name,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  ]),
]

const bytewise = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.of(byte))
const cutInto = (bytes: Buffer, most: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / most) }, (_, index) => bytes.subarray(index * most, (index + 1) * most))

describe('an answer of HTTP/1', () => {
  it.each(answers)('%s is read alike, however it is cut', (_name, bytes, status, text) => {
    expect(readByOurs([bytes])).toEqual({ status, text })
    for (let at = 1; at < bytes.length; at += 1) {
      expect(readByOurs([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual({ status, text })
    }
    for (const most of [1, 2, 3, 7]) expect(readByOurs(cutInto(bytes, most))).toEqual({ status, text })
  })

  it.each(answers)('%s is whole with its last byte and not before', (name, bytes) => {
    // What ends with its connection is whole wherever that ends, in its body.
    const from = name.includes('ends with its connection') ? bytes.indexOf('\r\n\r\n') + 4 : bytes.length
    for (let at = 0; at < from; at += 1) expect(readByOurs(bytewise(bytes.subarray(0, at)))).toBe('waits')
  })

  it.each(bad)('with %s is refused, however it is cut', (_name, text) => {
    const bytes = Buffer.from(text, 'latin1')
    expect(readByOurs([bytes])).toBe('refused')
    expect(readByOurs(bytewise(bytes))).toBe('refused')
    expect(readByOurs(cutInto(bytes, 5))).toBe('refused')
  })

  it('of up to 32 MiB is read, and of more is refused', () => {
    const megabyte = Buffer.alloc(48 * 1024, 'x')
    const chunk = Buffer.concat([Buffer.from('c000\r\n'), megabyte, Buffer.from('\r\n')])
    const head = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const last = Buffer.from('0\r\n\r\n')
    const most = Math.floor((32 * 1024 * 1024) / megabyte.length)
    const chunks = Array.from({ length: most }, () => chunk)
    expect(readByOurs([head, ...chunks, last])).toMatchObject({ status: 200 })
    expect(readByOurs([head, ...chunks, chunk, last])).toBe('refused')
    const open = Buffer.from('HTTP/1.1 200 OK\r\n\r\n')
    expect(readByOurs([open, ...Array.from({ length: most + 1 }, () => megabyte)])).toBe('refused')
  })
})

const token = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ0189-_.!~')), minLength: 1, maxLength: 12 })
const value = fc.string({ unit: fc.constantFrom(...Array.from('ab ,;:="/\t\u00e9\u00ff')), maxLength: 20 })
const field = fc.tuple(token, value).map(([name, text]) => `X-${name}:${text}\r\n`)
const fields = fc.array(field, { maxLength: 4 }).map((lines) => lines.join(''))
const spelled = (word: string) =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => Array.from(word, (letter, at) => (upper[at] === true ? letter.toUpperCase() : letter)).join(''))
const chunkOf = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.boolean()).map(([bytes, padded]) => {
  const digits = bytes.length.toString(16)
  return [Buffer.from(`${padded ? `0${digits.toUpperCase()}` : digits}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]
})
const framed = fc.oneof(
  fc.tuple(spelled('content-length'), fc.uint8Array({ maxLength: 80 })).map(([name, bytes]) => ({
    line: `${name}: ${bytes.length}\r\n`,
    body: Buffer.from(bytes),
  })),
  fc
    .tuple(spelled('transfer-encoding'), spelled('chunked'), fc.array(chunkOf, { maxLength: 5 }), fields)
    .map(([name, coding, chunks, trailer]) => ({
      line: `${name}: ${coding}\r\n`,
      body: Buffer.concat([...chunks.flat(), Buffer.from(`0\r\n${trailer}\r\n`, 'latin1')]),
    })),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => ({ line: '', body: Buffer.from(bytes) })),
)
const response = fc
  .tuple(fc.integer({ min: 200, max: 599 }), fields, framed, fields, fc.constantFrom('', ' ', ' OK', ' Not ok'))
  .filter(([status]) => status !== 204 && status !== 304)
  .map(([status, before, { line, body }, after, reason]) =>
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status}${reason}\r\n${before}${line}${after}\r\n`, 'latin1'), body]),
  )
/** A place in a text, as a share of it; doubles would be drawn from the two ends mostly. */
const place = fc.nat({ max: 9_999 }).map((number) => number / 10_000)
const cuts = fc.array(place, { maxLength: 6 })
const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [0, ...places.map((share) => Math.floor(share * bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe("beside Node's own parser", () => {
  it('well-formed answers are read alike', async () => {
    await fc.assert(
      fc.asyncProperty(response, cuts, async (bytes, places) => {
        const ours = readByOurs(cutAt(bytes, places))
        expect(ours).toHaveProperty('status')
        expect(ours).toEqual(await readByNode(bytes))
      }),
      { numRuns: 400 },
    )
  })

  it('nothing is believed that Node refuses or reads otherwise', async () => {
    // No semicolon: an extension of a chunk is passed over, whatever it says.
    const odd = fc.constantFrom(...Array.from('\r\n\t\0 :,0a'), '\r\n', '\r\n\r\n', 'chunked', 'Content-Length: 3\r\n')
    const change = fc.tuple(place, odd, fc.nat({ max: 3 }))
    let believed = 0
    await fc.assert(
      fc.asyncProperty(
        response,
        fc.array(change, { minLength: 1, maxLength: 2 }),
        cuts,
        async (whole, changes, places) => {
          let bytes = whole
          for (const [share, text, gone] of changes) {
            const at = Math.floor(share * bytes.length)
            bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(text, 'latin1'), bytes.subarray(at + gone)])
          }
          const ours = readByOurs(cutAt(bytes, places))
          const uncut = readByOurs([bytes])
          // What comes in pieces may be refused later, when its section is whole.
          if (typeof ours === 'string') expect(uncut).toBeTypeOf('string')
          else expect(uncut).toEqual(ours)
          if (typeof ours === 'string') return
          believed += 1
          expect(await readByNode(bytes)).toEqual(ours)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(believed).toBeGreaterThan(200)
  })
})
