import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HubSettings, defaultHubSettings } from '../../gateway/streams/hub/hub-settings.ts'
import { type Hub, createHub } from '../../gateway/streams/hub/hub.ts'
import { serverClosing } from '../../gateway/streams/server-closing.ts'
import { createLogger } from '../../kit/log.ts'
import { FakeLog, cursorOf } from './fake-log.ts'
import { Reading } from './reading.ts'

function createTestHub(settings: Partial<HubSettings> = {}): Hub {
  return createHub({
    settings: { ...defaultHubSettings, lingerMs: 0, ...settings },
    log: createLogger('test', 'silent'),
    nowMs: () => performance.now(),
  })
}

interface Joining {
  readonly after?: number
  readonly mode?: 'EVERY' | 'LATEST'
  readonly bill?: { events: number; points: number }
  readonly key?: string
}

function join(hub: Hub, log: FakeLog, joining: Joining = {}) {
  const { after = log.newest, mode = 'EVERY', bill = { events: 0, points: 0 }, key = 'view' } = joining
  const start = { cursor: cursorOf(after), position: after }
  return hub.join({ key, source: log.source, start, newest: log.newest, bill }, { mode, onEnd: () => undefined })
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('commit'), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('join'), back: fc.nat({ max: 40 }), credit: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('drain'), which: fc.nat(), credit: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn') }) },
)

describe('readers of one stream', () => {
  it('get each event after their cursor once and in order, whenever they join, leave or stall, and whatever breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const log = new FakeLog()
        const hub = createTestHub({ ringEvents: 7 })
        const readings: { reading: Reading; after: number; left: boolean }[] = []
        for (const action of steps as readonly Record<string, number | string>[]) {
          const [count, back, which] = [Number(action['count']), Number(action['back']), Number(action['which'])]
          const chosen = readings[which % Math.max(1, readings.length)]
          if (action['do'] === 'commit') for (let at = 0; at < count; at += 1) log.commit(`s${at}`)
          if (action['do'] === 'cut') log.cut()
          if (action['do'] === 'turn') await turn()
          if (action['do'] === 'drain' && chosen && !chosen.left) chosen.reading.take(Number(action['credit']))
          if (action['do'] === 'leave' && chosen && !chosen.left) {
            chosen.reading.close()
            chosen.left = true
          }
          if (action['do'] === 'join') {
            const after = Math.max(0, log.newest - back)
            const credit = Number(action['credit'])
            readings.push({ reading: new Reading(await join(hub, log, { after }), credit), after, left: false })
          }
        }
        for (const { reading, left } of readings) if (!left) reading.take(Number.POSITIVE_INFINITY)
        const complete = (): boolean =>
          readings.every(({ reading, left }) => left || reading.positions.at(-1) === log.newest)
        log.commit('last')
        await expect.poll(complete, { interval: 2 }).toBe(true)
        for (const { reading, after, left } of readings) {
          const got = reading.positions
          expect(got).toEqual(range(after + 1, left ? after + got.length : log.newest))
          expect(reading.reason).toBeUndefined()
        }
        // All tell the same: in the end one upstream is left of however many were needed.
        const open = readings.some(({ left }) => !left)
        await expect.poll(() => hub.size, { interval: 2 }).toBe(open ? 1 : 0)
        hub.close(serverClosing(null))
        expect(log.openFeeds).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('share one upstream, and get the same event object', async () => {
    const log = new FakeLog()
    const hub = createTestHub()
    const readings = await Promise.all(range(1, 100).map(async () => new Reading(await join(hub, log))))
    log.commit('a')
    await expect.poll(() => readings.filter(({ events }) => events.length === 1).length).toBe(100)
    expect(log.opened).toEqual([cursorOf(0)])
    hub.close(serverClosing(null))
  })

  it('are told SERVER_CLOSING with the cursor of what they were sent', async () => {
    const log = new FakeLog()
    const hub = createTestHub()
    const fast = new Reading(await join(hub, log))
    const slow = new Reading(await join(hub, log), 1)
    log.commit('a')
    log.commit('b')
    await expect.poll(() => fast.positions).toEqual([1, 2])
    hub.close(serverClosing(null))
    expect(fast.reason?.extensions).toMatchObject({ code: 'SERVER_CLOSING', cursor: cursorOf(2) })
    expect(slow.reason?.extensions).toMatchObject({ code: 'SERVER_CLOSING', cursor: cursorOf(1) })
  })

  it('notice nothing of a subgraph that is away for a while, and are told with their cursor when it stays away', async () => {
    const log = new FakeLog()
    const hub = createTestHub({ bridgeMs: 400 })
    const reading = new Reading(await join(hub, log))
    log.commit('a')
    await expect.poll(() => reading.positions).toEqual([1])
    log.reachable = false
    log.cut()
    log.commit('b')
    await expect.poll(() => log.opened.length).toBeGreaterThan(2)
    log.reachable = true
    await expect.poll(() => reading.positions).toEqual([1, 2])
    log.reachable = false
    log.cut()
    await expect
      .poll(() => reading.reason?.extensions)
      .toEqual({
        code: 'SUBGRAPH_UNAVAILABLE',
        cursor: cursorOf(2),
      })
  })

  it('whose cursor is older than what is kept are told EVENTS_GONE; a ring that has it serves it still', async () => {
    const log = new FakeLog()
    const hub = createTestHub()
    const reading = new Reading(await join(hub, log))
    for (const subject of ['a', 'b', 'c']) log.commit(subject)
    await expect.poll(() => reading.positions).toEqual([1, 2, 3])
    log.goneUpTo = 2
    const again = new Reading(await join(hub, log, { after: 0 }))
    expect(again.positions).toEqual([1, 2, 3])
    await expect(join(hub, log, { after: 0, key: 'another view' })).rejects.toMatchObject({
      reason: { code: 'EVENTS_GONE', extensions: { oldest: cursorOf(2) } },
    })
    hub.close(serverClosing(null))
  })
})

describe('a reader that is slower than its stream', () => {
  it('in mode EVERY is closed with its cursor, and loses nothing when it goes on after it', async () => {
    const log = new FakeLog()
    const hub = createTestHub({ readerEvents: 20 })
    const fast = new Reading(await join(hub, log))
    const slow = new Reading(await join(hub, log), 3)
    for (let at = 0; at < 100; at += 1) log.commit('a')
    await expect.poll(() => fast.events.length).toBe(100)
    expect(slow.reason).toMatchObject({ code: 'READER_TOO_SLOW', extensions: { cursor: cursorOf(3) } })
    const again = new Reading(await join(hub, log, { after: 3 }))
    await expect.poll(() => again.positions.at(-1)).toBe(100)
    expect([...slow.positions, ...again.positions]).toEqual(range(1, 100))
    hub.close(serverClosing(null))
  })

  it('in mode LATEST has the newest of each subject in the end, and is told how many were left out', async () => {
    const log = new FakeLog()
    const hub = createTestHub({ readerEvents: 20 })
    const fast = new Reading(await join(hub, log))
    const slow = new Reading(await join(hub, log, { mode: 'LATEST' }), 1)
    for (let at = 0; at < 10_000; at += 1) {
      log.commit(`sku ${at % 10}`)
      if (at % 500 === 0) await turn()
    }
    await expect.poll(() => fast.events.length).toBe(10_000)
    slow.take(Number.POSITIVE_INFINITY)
    const newest = new Map(slow.events.map(({ subject, value }) => [subject, value]))
    expect([...newest].toSorted(([a], [b]) => a.localeCompare(b))).toEqual(
      range(0, 9).map((at) => [`sku ${at}`, 9_991 + at]),
    )
    expect(slow.positions).toEqual(slow.positions.toSorted((a, b) => a - b))
    const skipped = slow.events.reduce((sum, event) => sum + event.skipped, 0)
    expect(slow.events.length + skipped).toBe(10_000)
    expect(slow.reason).toBeUndefined()
    hub.close(serverClosing(null))
  })

  it('holds back a replay that it alone reads, instead of being closed by it', async () => {
    const log = new FakeLog()
    for (let at = 0; at < 500; at += 1) log.commit('a')
    const hub = createTestHub({ readerEvents: 60 })
    const slow = new Reading(await join(hub, log, { after: 0 }), 1)
    for (let taken = 1; taken < 500; taken += 5) {
      await turn()
      slow.take(5)
    }
    await expect
      .poll(() => {
        slow.take(5)
        return slow.positions.length
      })
      .toBe(500)
    expect(slow.reason).toBeUndefined()
    hub.close(serverClosing(null))
  })

  it('is billed for what it was sent, and not for what was left out', async () => {
    const log = new FakeLog()
    const hub = createTestHub()
    const bill = { events: 0, points: 0 }
    const slow = new Reading(await join(hub, log, { mode: 'LATEST', bill }), 1)
    for (let at = 0; at < 50; at += 1) log.commit('one')
    await expect.poll(() => log.newest).toBe(50)
    await turn()
    await turn()
    slow.take(Number.POSITIVE_INFINITY)
    await expect.poll(() => slow.positions.at(-1)).toBe(50)
    expect(bill).toEqual({ events: slow.events.length, points: 2 * slow.events.length })
    hub.close(serverClosing(null))
  })
})
