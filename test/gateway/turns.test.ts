import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTurns } from '../../gateway/http/turns.ts'

let busy = 0
let turns: ReturnType<typeof createTurns>

beforeEach(() => {
  vi.useFakeTimers()
  turns = createTurns(
    () => busy,
    () => performance.now(),
  )
})
afterEach(() => {
  turns.close()
  vi.useRealTimers()
})

/** Operations that ask for their turn. */
function ask(count: number): { begun(): number; end(count: number): void } {
  const running: (() => void)[] = []
  let begun = 0
  for (let index = 0; index < count; index++) {
    void turns.run(() => {
      begun += 1
      return new Promise<void>((resolve) => running.push(resolve))
    })
  }
  return {
    begun: () => begun,
    end: (ended) => {
      for (const end of running.splice(0, ended)) end()
    },
  }
}

/** Time in which the process is busy for a share of it. */
async function pass(share: number, ms: number): Promise<void> {
  busy = share
  await vi.advanceTimersByTimeAsync(ms)
}

describe('turns of operations', () => {
  it('let a burst pass', () => {
    expect(ask(200).begun()).toBe(200)
  })

  it('answer what the work answers, and fail as it fails', async () => {
    await expect(turns.run(() => Promise.resolve(4))).resolves.toBe(4)
    await expect(turns.run(() => Promise.reject(new Error('out of stock')))).rejects.toThrow('out of stock')
  })

  it('become few while there is no time left, and come in order as others end', async () => {
    const first = ask(50)
    expect(first.begun()).toBe(50)
    await pass(1, 75)
    const more = ask(10)
    expect(more.begun()).toBe(0)
    first.end(50)
    await pass(1, 0)
    expect(more.begun()).toBe(10)
    await pass(1, 50)
    const last = ask(30)
    await pass(1, 0)
    expect(last.begun()).toBeLessThan(30)
    more.end(10)
    while (last.begun() < 30) {
      const before = last.begun()
      last.end(before)
      await pass(1, 0)
      expect(last.begun()).toBeGreaterThan(before)
    }
  })

  it('are taken from who has run for long, so that nobody waits behind a slow subgraph', async () => {
    const slow = ask(50)
    await pass(1, 90)
    const more = ask(40)
    expect(more.begun()).toBe(0)
    await pass(1, 50)
    expect(more.begun()).toBeGreaterThan(0)
    expect(more.begun()).toBeLessThan(40)
    await pass(1, 500)
    expect(more.begun()).toBe(40)
    slow.end(50)
    await pass(1, 0)
    expect(ask(1).begun()).toBe(1)
  })

  it('are given to all who wait as soon as the process waits for subgraphs', async () => {
    ask(50)
    await pass(1, 75)
    const more = ask(40)
    expect(more.begun()).toBe(0)
    await pass(0.1, 50)
    expect(more.begun()).toBe(40)
  })
})
