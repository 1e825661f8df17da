import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadlines } from '../../../gateway/transport/http1/deadlines.ts'

interface Item {
  readonly name: string
  expiresAt: number
  before: Item | null
  after: Item | null
}
const item = (name: string): Item => ({ name, expiresAt: 0, before: null, after: null })

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

function line() {
  const passed: string[] = []
  const deadlines = new Deadlines<Item>(1_000, ({ name }) => passed.push(name))
  const enter = (name: string): Item => {
    const entered = item(name)
    deadlines.add(entered, performance.now())
    return entered
  }
  return { deadlines, enter, passed }
}

describe('a line of deadlines', () => {
  it('ends each at its own time, and not those that have left', () => {
    const { deadlines, enter, passed } = line()
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const items = names.map((name) => {
      const entered = enter(name)
      vi.advanceTimersByTime(100)
      return entered
    })
    for (const gone of [items[0], items[2], items[5]]) if (gone) deadlines.remove(gone)
    vi.advanceTimersByTime(499)
    expect(passed).toEqual([])
    vi.advanceTimersByTime(2)
    expect(passed).toEqual(['b'])
    vi.advanceTimersByTime(200)
    expect(passed).toEqual(['b', 'd'])
    vi.advanceTimersByTime(100)
    expect(passed).toEqual(['b', 'd', 'e'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has one timer, however many there are, and none when all have left and it has run', () => {
    const { deadlines, enter, passed } = line()
    const items = Array.from({ length: 100 }, (_, index) => enter(String(index)))
    expect(vi.getTimerCount()).toBe(1)
    for (const left of items) deadlines.remove(left)
    vi.advanceTimersByTime(1_001)
    expect(vi.getTimerCount()).toBe(0)
    enter('later')
    vi.advanceTimersByTime(999)
    expect(passed).toEqual([])
    vi.advanceTimersByTime(2)
    expect(passed).toEqual(['later'])
  })

  it('leaves nothing when it is closed, and may be left twice', () => {
    const { deadlines, enter, passed } = line()
    const first = enter('a')
    enter('b')
    deadlines.remove(first)
    deadlines.remove(first)
    deadlines.close()
    vi.advanceTimersByTime(5_000)
    expect(passed).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
