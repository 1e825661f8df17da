import { describe, expect, it } from 'vitest'
import type { Fleet } from '../e2e/fleet.ts'
import { soak } from './soak.ts'

/** Readers on a fleet of which a gateway and a subgraph are killed and started again. */
export function describeSoak(fleet: () => Fleet): void {
  describe('a stream', () => {
    it('loses no event, tells none twice and keeps their order while a gateway and a subgraph are killed and started again', async () => {
      const { readers, committed, positions, report } = await soak(fleet(), {
        readers: 60,
        eventsPerSecond: 50,
        seconds: 5,
        processes: 1,
        deadlineMs: 60_000,
      })
      expect(committed).toBe(250)
      expect(report).toMatchObject({ complete: readers, outOfOrder: 0 })
      expect(report.events).toBe(readers * committed)
      expect(report.positions).toBe(readers * positions)
      expect(report.reconnects).toBeGreaterThan(0)
    }, 180_000)
  })
}
