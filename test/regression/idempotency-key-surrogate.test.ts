import { expect, it } from 'vitest'
import { identifyCall } from '../../storage/idempotency.ts'
import { callerOf } from '../subgraphs/subgraph-under-test.ts'

const caller = callerOf('northwind')

it.each(['', 'x'.repeat(256), '\ud800', 'a\udc00b'])('the idempotency key %j is refused', (idempotencyKey) => {
  expect(() => identifyCall(caller, { name: 'registerDeal', input: {}, idempotencyKey })).toThrow('well-formed')
})

it.each(['k', 'x'.repeat(255), '💥', '\ufffd'])('the idempotency key %j is taken', (idempotencyKey) => {
  expect(identifyCall(caller, { name: 'registerDeal', input: {}, idempotencyKey }).key).toContain(idempotencyKey)
})
