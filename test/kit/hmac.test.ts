import { createHmac, randomBytes } from 'node:crypto'
import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, it } from 'vitest'
import { hmacSha256 } from '../../kit/hmac.ts'

it("is Node's own HMAC-SHA256, for keys and texts of any length, one after the other", () => {
  const keys = [0, 1, 32, 63, 64, 65, 200].map((length) => randomBytes(length))
  const text = oneof(string({ unit: 'binary' }), string({ unit: 'grapheme', minLength: 1_300, maxLength: 5_000 }))
  assert(
    property(constantFrom(...keys), text, constantFrom('base64url', 'hex'), (key, given, encoding) => {
      expect(hmacSha256(key, given, encoding)).toBe(createHmac('sha256', key).update(given).digest(encoding))
    }),
  )
})

it('gives the digest of RFC 4231, test case 2', () => {
  expect(hmacSha256(Buffer.from('Jefe'), 'what do ya want for nothing?', 'hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})
