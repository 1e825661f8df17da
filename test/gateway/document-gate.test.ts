import { expect, it } from 'vitest'
import { createDocumentGate } from '../../gateway/cost/document-gate.ts'
import { createMemoryCostBuckets } from '../../gateway/cost/memory-cost-buckets.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

const limits = { ...generousLimits, bucketSize: 10, restoreRate: 1 }
const identity = { caller: testCaller({ appId: 'app_gate' }), limits }

it('lets a document that has run pass for nothing, and each new one for its length', async () => {
  const buckets = createMemoryCostBuckets(() => 0)
  const gate = createDocumentGate(buckets)
  const document = `{ a } #${'x'.repeat(993)}`
  await gate.admit(identity, document)
  expect(await buckets.refund('app_gate', limits, 0)).toBe(6)
  gate.accept(document)
  await gate.admit(identity, document)
  expect(await buckets.refund('app_gate', limits, 0)).toBe(6)
})

it('charges a refused document again and again, until the app is throttled', async () => {
  const gate = createDocumentGate(createMemoryCostBuckets(() => 0))
  for (let attempt = 0; attempt < 10; attempt++) await gate.admit(identity, '{ wrong }')
  await expect(gate.admit(identity, '{ wrong }')).rejects.toMatchObject({ code: 'THROTTLED' })
})
