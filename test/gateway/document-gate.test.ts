import { expect, it } from 'vitest'
import { createDocumentGate } from '../../gateway/cost/document-gate.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

const limits = { ...generousLimits, bucketSize: 10, restoreRate: 1 }
const identity = { caller: testCaller({ appId: 'app_gate' }), limits }

function startGate() {
  const limiter = createMemoryLimiter(() => 0)
  const charged: number[] = []
  const gate = createDocumentGate({
    limiter,
    now: () => new Date(0),
    charged: (_identity, points) => void charged.push(points),
  })
  return { gate, charged }
}

it('lets a document that has run pass for nothing, and each new one for its length', async () => {
  const { gate, charged } = startGate()
  const document = `{ a } #${'x'.repeat(993)}`
  await gate.admit(identity, document)
  gate.accept(document)
  await gate.admit(identity, document)
  expect(charged).toEqual([4])
})

it('has a document paid for again in each contract, which validates it anew', async () => {
  const { gate, charged } = startGate()
  await gate.admit(identity, '{ a }')
  gate.accept('{ a }')
  await gate.admit(identity, '{ a }', 'public')
  gate.accept('{ a }', 'public')
  await gate.admit(identity, '{ a }', 'public')
  await gate.admit(identity, '{ a }')
  await gate.admit(identity, '{ a }', 'partner')
  expect(charged).toEqual([1, 1, 1])
})

it('charges a refused document again and again, until the app is throttled', async () => {
  const { gate, charged } = startGate()
  for (let attempt = 0; attempt < 10; attempt++) await gate.admit(identity, '{ wrong }')
  await expect(gate.admit(identity, '{ wrong }')).rejects.toMatchObject({
    code: 'THROTTLED',
    extensions: { retryAfter: 1, limit: { name: 'points', most: 10, remaining: 0 } },
  })
  expect(charged).toHaveLength(10)
})
