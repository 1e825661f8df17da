import { expect, it } from 'vitest'
import { createRecentMap } from '../../gateway/cost/recent-map.ts'

it('keeps what was set or read last, and forgets what nobody asked for', () => {
  const map = createRecentMap<number>(100)
  map.set('read now and then', -1)
  for (let at = 0; at < 1_000; at++) {
    map.set(`key ${at}`, at)
    if (at % 50 === 0) expect(map.get('read now and then')).toBe(-1)
    for (let last = Math.max(0, at - 40); last <= at; last++) expect(map.get(`key ${last}`)).toBe(last)
  }
  expect(map.get('key 0')).toBeUndefined()
  expect(map.get('never set')).toBeUndefined()
})

it('holds at most twice as many entries as it keeps', () => {
  const map = createRecentMap<number>(10)
  for (let at = 0; at < 1_000; at++) map.set(`key ${at}`, at)
  const held = Array.from({ length: 1_000 }, (_, at) => map.get(`key ${at}`)).filter((value) => value !== undefined)
  expect(held.length).toBeGreaterThanOrEqual(10)
  expect(held.length).toBeLessThanOrEqual(20)
})

it('gives the newest value of a key that was set before others came', () => {
  const map = createRecentMap<number>(4)
  map.set('key', 1)
  for (let at = 0; at < 4; at++) map.set(`other ${at}`, at)
  map.set('key', 2)
  expect(map.get('key')).toBe(2)
})
