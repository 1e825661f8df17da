import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appKeyFromBytes, appKeyPrefix, hashAppKey, isAppKey } from '../../kit/app-key.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const newKey = () => appKeyFromBytes('live', randomBytes(64))

describe('an app key', () => {
  it('says its environment, has 32 characters of its alphabet and 6 of checksum', () => {
    expect(newKey()).toMatch(/^trb_live_[0-9A-Za-z]{38}$/)
    expect(appKeyFromBytes('test', randomBytes(64))).toMatch(/^trb_test_[0-9A-Za-z]{38}$/)
  })

  it('follows from its bytes, so that derived keys can be shown again', () => {
    const bytes = Buffer.from('00f7f8ff3d3e'.repeat(11), 'hex')
    // 0 and 247 give characters, 248 and 255 are left out because they would favour some, 61 and 62 are z and 0.
    expect(appKeyFromBytes('live', bytes)).toMatch(/^trb_live_(0zz0){8}[0-9A-Za-z]{6}$/)
    expect(appKeyFromBytes('live', bytes)).toBe(appKeyFromBytes('live', bytes))
    expect(() => appKeyFromBytes('live', Buffer.alloc(64, 255))).toThrow('too few')
  })

  it('takes every character equally often', () => {
    const keys = 5_000
    const counts = new Map<string, number>()
    for (let key = 0; key < keys; key++) {
      for (const character of newKey().slice('trb_live_'.length, -6)) {
        counts.set(character, (counts.get(character) ?? 0) + 1)
      }
    }
    expect([...counts.keys()].toSorted().join('')).toBe(alphabet)
    // Chi-squared with 61 degrees of freedom: above 130 once in a million runs.
    const expected = (keys * 32) / alphabet.length
    const deviation = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(deviation).toBeLessThan(130)
  })

  it('is known by its checksum, and is none after any single typing error', () => {
    fc.assert(
      fc.property(fc.nat(37), fc.constantFrom(...alphabet.split('')), (at, character) => {
        const key = newKey()
        expect(isAppKey(key)).toBe(true)
        const place = 'trb_live_'.length + at
        fc.pre(key[place] !== character)
        expect(isAppKey(key.slice(0, place) + character + key.slice(place + 1))).toBe(false)
      }),
    )
  })

  it('is none with two neighbours exchanged, in the other environment, cut, lengthened or wrapped in blanks', () => {
    const key = appKeyFromBytes('live', Buffer.from(Array.from({ length: 64 }, (_, index) => index)))
    const swapped = `${key.slice(0, 12)}${key[13]}${key[12]}${key.slice(14)}`
    for (const other of [
      swapped,
      key.replace('live', 'test'),
      key.slice(0, -1),
      `${key}0`,
      ` ${key}`,
      `${key}\n`,
      key.toUpperCase(),
      '',
    ]) {
      expect(isAppKey(other)).toBe(false)
    }
  })

  it('is stored as a hash that depends on the installation', () => {
    const key = newKey()
    const hash = hashAppKey(Buffer.alloc(32, 1), key)
    expect(hash).toBe(hashAppKey(Buffer.alloc(32, 1), key))
    expect(hash).not.toBe(hashAppKey(Buffer.alloc(32, 2), key))
    expect(hash).not.toContain(key.slice(9))
  })

  it('can be told apart by a prefix that gives four of its characters away', () => {
    const key = newKey()
    expect(appKeyPrefix(key)).toBe(key.slice(0, 'trb_live_'.length + 4))
  })
})
