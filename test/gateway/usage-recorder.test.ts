import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UsageBatch } from '../../gateway/cost/usage-batch.ts'
import {
  type Usage,
  UsageBatchRefused,
  type UsageRecorder,
  createUsageRecorder,
} from '../../gateway/cost/usage-recorder.ts'
import { createLogger } from '../../kit/log.ts'

const log = createLogger('test', 'silent')

type Send = (batchId: string, batch: UsageBatch) => Promise<void>

const start = (send: Send, now = () => new Date('2026-11-21T12:30:00.000Z')): UsageRecorder =>
  createUsageRecorder({ send, log, now })

const used = (...coordinates: string[]): Pick<Usage, 'uses'> => ({ uses: { id: coordinates.join(), coordinates } })
const operation = (fields: Partial<Usage> = {}): Usage => ({
  appId: 'app_1',
  calls: 1,
  cost: 3,
  failed: false,
  outcome: 'OK',
  ...fields,
})

/** Counts each batch id once, as billing does. */
function createReceiver() {
  const batches = new Map<string, UsageBatch>()
  const all = <List extends keyof UsageBatch>(list: List): UsageBatch[List][number][] => {
    const entries: UsageBatch[List][number][] = []
    for (const batch of batches.values()) entries.push(...batch[list])
    return entries
  }
  return {
    all,
    take: (id: string, batch: UsageBatch): void => void (batches.has(id) || batches.set(id, batch)),
    sum: (list: keyof UsageBatch, field: 'cost' | 'calls' | 'operations' | 'errors'): number =>
      all(list).reduce((sum, entry) => sum + entry[field], 0),
  }
}

describe('the usage recorder', () => {
  it('counts by app, outcome and hour, writes out coordinates and tells of end users', async () => {
    const { take, all } = createReceiver()
    const recorder = start(async (id, batch) => take(id, batch))
    recorder.record(operation({ ...used('Query.a', 'Query.b'), endUserId: 'u1', latencyMs: 10 }))
    recorder.record(operation({ ...used('Query.a'), latencyMs: 10 }))
    recorder.record(operation({ outcome: 'FAILED', code: 'INTERNAL', failed: true, calls: 0, cost: 0 }))
    recorder.record({ ...operation({ outcome: 'DOCUMENT', calls: 0, cost: 2 }), operations: 0 })
    await recorder.close()
    const told = all('records').map(({ outcome, code, operations, calls, cost, errors, latency }) => [
      outcome,
      code,
      operations,
      calls,
      cost,
      errors,
      latency,
    ])
    expect(told).toEqual([
      ['OK', null, 2, 2, 6, 0, [17, 2]],
      ['FAILED', 'INTERNAL', 1, 0, 0, 1, []],
      ['DOCUMENT', null, 0, 0, 2, 0, []],
    ])
    expect(all('records')[0]).toMatchObject({ appId: 'app_1', hour: '2026-11-21T12:00:00.000Z' })
    expect(all('coordinates').map(({ key, calls, cost }) => [key, calls, cost])).toEqual([
      ['Query.a', 2, 6],
      ['Query.b', 1, 3],
    ])
    expect(all('endUsers').map(({ key, calls }) => [key, calls])).toEqual([['u1', 1]])
  })

  it('tells the path of the whole graph from those of contracts and versions', async () => {
    const { take, all } = createReceiver()
    const recorder = start(async (id, batch) => take(id, batch))
    recorder.record(operation({ ...used('Query.a', 'Query.b'), endUserId: 'u1' }))
    recorder.record(operation({ ...used('Query.a', 'Query.b'), edition: '2026-10', endUserId: 'u1' }))
    recorder.record(operation({ ...used('Query.a'), edition: '2026-10' }))
    recorder.record(operation({ edition: 'partner', outcome: 'THROTTLED', code: 'THROTTLED', calls: 0, failed: true }))
    await recorder.close()
    expect(all('records').map(({ contract, outcome, operations }) => [contract, outcome, operations])).toEqual([
      [null, 'OK', 1],
      ['2026-10', 'OK', 2],
      ['partner', 'THROTTLED', 1],
    ])
    expect(all('coordinates').map(({ contract, key, calls }) => [contract, key, calls])).toEqual([
      [null, 'Query.a', 1],
      [null, 'Query.b', 1],
      ['2026-10', 'Query.a', 2],
      ['2026-10', 'Query.b', 1],
    ])
    expect(all('endUsers')).toMatchObject([{ key: 'u1', calls: 2 }])
    expect(all('endUsers')[0]).not.toHaveProperty('contract')
  })

  it('loses and repeats nothing, whatever becomes of its batches and answers on the way', async () => {
    const faults = fc.array(fc.constantFrom('arrives', 'is lost', 'arrives, its answer is lost'), { maxLength: 30 })
    const usage = fc.array(
      fc.record({
        appId: fc.constantFrom('app_1', 'app_2'),
        calls: fc.constantFrom(0, 1),
        cost: fc.nat(1_000),
        failed: fc.boolean(),
        outcome: fc.constantFrom('OK', 'PARTIAL', 'FAILED', 'QUOTA'),
        endUserId: fc.constantFrom(undefined, 'u1', 'u2'),
        flush: fc.boolean(),
      }),
      { maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(usage, faults, async (records, script) => {
        const { take, sum } = createReceiver()
        const left = [...script]
        const recorder = start(async (id, batch) => {
          const fault = left.shift() ?? 'arrives'
          if (fault !== 'is lost') take(id, batch)
          if (fault !== 'arrives') throw new Error(fault)
        })
        for (const { flush, ...record } of records) {
          recorder.record(record)
          if (flush) await recorder.close()
        }
        for (let turn = 0; turn <= script.length + 1; turn += 1) await recorder.close()
        expect(sum('records', 'cost')).toBe(records.reduce((total, { cost }) => total + cost, 0))
        expect(sum('records', 'calls')).toBe(records.reduce((total, { calls }) => total + calls, 0))
        expect(sum('records', 'operations')).toBe(records.length)
        expect(sum('records', 'errors')).toBe(records.filter(({ failed }) => failed).length)
        const people = records.filter(({ endUserId }) => endUserId !== undefined)
        expect(sum('endUsers', 'cost')).toBe(people.reduce((total, { cost }) => total + cost, 0))
      }),
      { numRuns: 100 },
    )
  })

  it('has bounded memory: what is too many is counted as (other), and what is billed stays exact', async () => {
    const { take, all, sum } = createReceiver()
    const sizes: number[] = []
    const recorder = start(async (id, batch) => {
      sizes.push(Math.max(batch.records.length, batch.coordinates.length, batch.endUsers.length))
      take(id, batch)
    })
    for (let user = 0; user < 25_000; user += 1) {
      const edition = user % 5 === 0 ? 'partner' : null
      recorder.record(operation({ endUserId: `user-${user}`, edition, ...used(`Query.field${user}`) }))
    }
    await recorder.close()
    expect(sum('records', 'calls')).toBe(25_000)
    expect(sum('endUsers', 'calls')).toBe(25_000)
    expect(sum('coordinates', 'cost')).toBe(75_000)
    expect(all('endUsers').length).toBeLessThanOrEqual(5_001)
    // One (other) for each path.
    expect(all('coordinates').length).toBeLessThanOrEqual(5_002)
    expect(all('records').map(({ contract, calls }) => [contract, calls])).toEqual([
      ['partner', 5_000],
      [null, 20_000],
    ])
    expect(all('endUsers').find(({ key }) => key === '(other)')?.calls).toBe(20_000)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
  })

  it('keeps counting in memory while billing is out of reach for long, and drops nothing', async () => {
    const { take, sum } = createReceiver()
    let reachable = false
    let sent = 0
    const recorder = start(async (id, batch) => {
      sent += 1
      if (!reachable) throw new Error('out of reach')
      take(id, batch)
    })
    for (let turn = 0; turn < 300; turn += 1) {
      recorder.record(operation())
      await recorder.close()
    }
    reachable = true
    sent = 0
    await recorder.close()
    await recorder.close()
    expect(sum('records', 'calls')).toBe(300)
    expect(sent).toBeLessThan(60)
  })

  it('is not held up by a batch that billing will never take', async () => {
    const { take, sum } = createReceiver()
    let refused = 0
    const recorder = start(async (id, batch) => {
      if (refused++ === 0) throw new UsageBatchRefused('no such thing')
      take(id, batch)
    })
    recorder.record(operation({ cost: 100 }))
    await recorder.close()
    recorder.record(operation({ cost: 1 }))
    await recorder.close()
    expect(sum('records', 'cost')).toBe(1)
  })
})
