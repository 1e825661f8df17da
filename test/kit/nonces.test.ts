import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNonceMemory, createNonces } from '../../kit/nonces.ts'

describe('a memory of nonces', () => {
  it('takes each once, of every sender', () => {
    const memory = createNonceMemory(60_000)
    const senders = [createNonces(), createNonces()]
    const nonces = Array.from({ length: 1_000 }, (_, index) => senders[index % 2]?.() ?? '')
    expect(nonces.map((nonce) => memory.take(nonce, 0)).every(Boolean)).toBe(true)
    expect(nonces.some((nonce) => memory.take(nonce, 0))).toBe(false)
  })

  it('takes numbers in any order as one that forgets nothing would, within its window', () => {
    const near = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 200 })
    fc.assert(
      fc.property(near, (numbers) => {
        const memory = createNonceMemory(60_000)
        const taken = new Set<number>()
        let highest = 0
        for (const number of numbers) {
          const isNew = !taken.has(number) && number > highest - 65_536
          expect(memory.take(`gateway_1234.${number}`, 0)).toBe(isNew)
          if (isNew) taken.add(number)
          highest = Math.max(highest, number)
        }
      }),
    )
  })

  it('takes none that is behind its window, and none that no sender makes', () => {
    const memory = createNonceMemory(60_000)
    expect(memory.take('gateway_1234.1000000', 0)).toBe(true)
    expect(memory.take(`gateway_1234.${1_000_000 - 65_536}`, 0)).toBe(false)
    expect(memory.take(`gateway_1234.${1_000_000 - 65_535}`, 0)).toBe(true)
    const forged = ['', '.', 'gateway_1234', 'gateway_1234.', 'gateway_1234.0', 'gateway_1234.01', 'gateway_1234.1e3']
    for (const nonce of [...forged, 'short.1', 'gateway_1234.-1', 'gateway_1234.1 ', `gateway_1234.${'9'.repeat(16)}`])
      expect(memory.take(nonce, 0), nonce).toBe(false)
  })

  it('forgets a sender only when all that it has signed is too old', () => {
    const memory = createNonceMemory(60_000)
    const nonce = createNonces()()
    expect(memory.take(nonce, 0)).toBe(true)
    memory.take(createNonces()(), 60_000)
    expect(memory.take(nonce, 60_000)).toBe(false)
  })
})
