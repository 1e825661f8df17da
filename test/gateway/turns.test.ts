import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTurns } from '../../gateway/engine/turns.ts'

let busy = 0
let turns: ReturnType<typeof createTurns>

beforeEach(() => {
  vi.useFakeTimers()
  turns = createTurns(() => busy)
})
afterEach(() => {
  turns.close()
  vi.useRealTimers()
})

/** Lets some operations ask for their turn; tells how many of them have it. */
function ask(count: number): () => number {
  let entered = 0
  for (let index = 0; index < count; index++) {
    const turn = turns.enter()
    if (turn) void turn.then(() => (entered += 1))
    else entered += 1
  }
  return () => entered
}

/** Time in which the process is busy for a share of it, and one operation after the other ends. */
async function pass(share: number, ms: number): Promise<void> {
  busy = share
  await vi.advanceTimersByTimeAsync(ms)
}

describe('turns of operations', () => {
  it('let a burst pass', () => {
    expect(ask(200)()).toBe(200)
  })

  it('become few while there is no time left, and all of them come in order', async () => {
    const first = ask(50)
    await pass(1, 1_000)
    expect(first()).toBe(50)
    const more = ask(10)
    expect(more()).toBe(0)
    for (let index = 0; index < 45; index++) turns.leave()
    await pass(1, 10)
    expect(more()).toBe(1)
    for (let index = 0; index < 9; index++) turns.leave()
    await pass(1, 10)
    expect(more()).toBe(10)
  })

  it('come to everybody after a while, though those who run never end and the process has no time left', async () => {
    ask(50)
    await pass(1, 1_000)
    const more = ask(40)
    await pass(1, 100)
    expect(more()).toBe(0)
    await pass(1, 100)
    expect(more()).toBe(40)
  })

  it('are given to all who wait as soon as the process waits for subgraphs', async () => {
    ask(50)
    await pass(1, 1_000)
    const more = ask(40)
    expect(more()).toBe(0)
    await pass(0.1, 50)
    expect(more()).toBe(40)
  })
})
