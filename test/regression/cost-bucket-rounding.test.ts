import { expect, it } from 'vitest'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'

it('admits an operation after the wait that it was told, at rates whose milliseconds per point are no round number', async () => {
  for (let rate = 1; rate <= 500; rate += 1) {
    let now = 0
    const limiter = createMemoryLimiter(() => now)
    for (let turn = 0; turn < 40; turn += 1) {
      const demand = { kind: 'bucket', key: 'app', size: 7, rate, points: 1 + (turn % 7) } as const
      const decision = await limiter.decide([demand])
      if (decision.admitted) continue
      now += decision.states[0]?.waitMs ?? 0
      expect(await limiter.decide([demand])).toMatchObject({ admitted: true })
    }
  }
})
