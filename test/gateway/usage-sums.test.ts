import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDocumentGate } from '../../gateway/cost/document-gate.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { type UsageRecorder, createUsageRecorder } from '../../gateway/cost/usage-recorder.ts'
import { recordUsage } from '../../gateway/reports/record-usage.ts'
import { usageOfDocument, usageOfOperation } from '../../gateway/pipeline/usage-of-operation.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { type BillingUnderTest, addApp, addPlan, startBilling } from '../subgraphs/billing-under-test.ts'
import { callerOf, operator } from '../subgraphs/subgraph-under-test.ts'
import { type MiniSubgraph, createMiniGraph, generousLimits, testCaller } from './mini-graph.ts'

const shop: MiniSubgraph = {
  name: 'shop',
  sdl: `
    type Query {
      products(first: Int = 3): [Product!] @authenticated
        @listSize(assumedSize: 50, slicingArguments: ["first"], requireOneSlicingArgument: false)
      fails: Product! @authenticated
      partly: Product @authenticated
      secret: Product @requiresScopes(scopes: [["secret"]])
      never: Product @authenticated
      rateLimit(dryRun: Boolean = false): RateLimit @authenticated
    }
    type Mutation { rename(name: String!): Product @authenticated }
    type Subscription { tick: Product @authenticated }
    type Product @authenticated { name: String! flaw: String }
    type RateLimit @authenticated { planName: String! }`,
  resolvers: {
    Query: {
      products: (_: unknown, { first }: { first: number }) =>
        Array.from({ length: Math.min(2, first) }, () => ({ name: 'P' })),
      fails: () => {
        throw new Error('broken')
      },
      partly: () => ({ name: 'half' }),
      never: () => new Promise(() => undefined),
    },
    Product: {
      flaw: () => {
        throw new Error('broken')
      },
    },
    Subscription: {
      tick: {
        subscribe: () => {
          const { push, end, iterator } = createQueue<unknown>({ limit: 5, onEnd: () => undefined })
          push({ name: 'one' })
          push({ name: 'two' })
          end()
          return iterator
        },
        resolve: (event: unknown) => event,
      },
    },
  },
}

const operations = {
  succeeds: '{ products(first: 2) { name } }',
  'refunds most of it': '{ products(first: 40) { name } }',
  'is partial': '{ partly { name flaw } }',
  'is denied in part': '{ products(first: 1) { name } secret { name } }',
  'is denied': '{ secret { name } }',
  fails: '{ fails { name } }',
  mutates: 'mutation { rename(name: "x") { name } }',
  'is too dear': '{ products(first: 2000) { name } }',
  'runs out of time': '{ never { name } }',
  'is abandoned': '{ products(first: 30) { name } }',
  'is beyond its quota': '{ products(first: 3) { name } }',
  streams: 'subscription { tick { name } }',
  'is no operation': '{ nothing }',
} as const
type Kind = keyof typeof operations
const clean: readonly Kind[] = ['succeeds', 'refunds most of it', 'mutates']

let billing: BillingUnderTest
let planId: string
beforeAll(async () => {
  billing = await startBilling()
  await addPlan(billing, 'free', '0.00', { isDefault: true })
  planId = await addPlan(billing, 'metered', '0.00', {
    pricing: [
      { meter: 'cost', scheme: 'PER_UNIT', unitsPerPrice: 1, price: '0.01' },
      { meter: 'calls', scheme: 'PER_UNIT', unitsPerPrice: 1, price: '1.00' },
    ],
  })
})
afterAll(() => billing[Symbol.asyncDispose]())

const gateway = { ...operator, scopes: ['system:usage'] }
type Fault = 'arrives' | 'is lost' | 'answer is lost'

const askBilling = async (_subgraph: string, text: string, variables: object) => ({
  data: await billing.read<Record<string, unknown>>(gateway, text, variables),
})

/** A gateway whose batches to billing meet faults, after which they arrive. */
function startRecorder(faults: Fault[]): UsageRecorder {
  return createUsageRecorder({
    log: createLogger('test', 'silent'),
    now: () => billing.now(),
    send: async (batchId, batch) => {
      const fault = faults.shift() ?? 'arrives'
      if (fault === 'is lost') throw new Error(fault)
      await recordUsage(askBilling, batchId, batch)
      if (fault === 'answer is lost') throw new Error(fault)
    },
  })
}

const sumOf = async (appId: string, organization: string, groupBy: string, caller = callerOf(organization)) => {
  const { usage } = await billing.read<{ usage: { nodes: { calls: number; cost: number; operations: number }[] } }>(
    caller,
    `query ($appId: ID!) { usage(appId: $appId, groupBy: [${groupBy}], first: 250) { nodes { calls cost operations } } }`,
    { appId },
  )
  return usage.nodes.reduce(
    (sum, node) => ({
      calls: sum.calls + node.calls,
      cost: sum.cost + node.cost,
      operations: sum.operations + node.operations,
    }),
    { calls: 0, cost: 0, operations: 0 },
  )
}

let runs = 0
it('usage is what was taken from the bucket and what is invoiced, whatever operations and their batches meet', async () => {
  const history = fc.array(fc.tuple(fc.constantFrom(...(Object.keys(operations) as Kind[])), fc.boolean()), {
    minLength: 1,
    maxLength: 25,
  })
  const faults = fc.array(fc.constantFrom<Fault>('arrives', 'is lost', 'answer is lost'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(history, faults, async (kinds, script) => {
      runs += 1
      const organization = `org-${runs}`
      billing.goTo('2026-03-16T12:00:00.000Z')
      const appId = await addApp(billing, organization, 'app')
      await billing.call(callerOf(organization), 'changePlanSubscription', { appId, planId }, '')
      const left = [...script]
      const usage = startRecorder(left)
      const limiter = createMemoryLimiter(() => 0)
      const limits = { ...generousLimits, bucketSize: 1_000_000, maxQueryCost: 1_000 }
      const caller = testCaller({ appId, endUserId: 'somebody' })
      const gate = createDocumentGate({
        limiter,
        now: () => billing.now(),
        charged: (identity, cost, edition) => usage.record(usageOfDocument(identity, cost, edition)),
        refused: (identity, error, edition) =>
          usage.record(usageOfOperation(identity, { errors: [error] }, { edition, calls: 0, cost: 0 })),
      })
      const graph = await createMiniGraph([shop], { limiter, usage, now: () => billing.now(), deadlineMs: 20 })
      let calls = 0
      for (const [kind, flush] of kinds) {
        const text = operations[kind]
        await gate.admit({ caller, limits }, text)
        if (kind === 'streams') {
          const stream = await graph.subscribe(text, { caller, limits })
          if (!(Symbol.asyncIterator in stream)) throw new Error('the stream was refused')
          for await (const { errors } of stream) expect(errors).toEqual([])
          calls += 1
        } else if (kind !== 'is no operation') {
          const beyond = kind === 'is beyond its quota' ? { dailyCalls: 0 } : {}
          const signal = kind === 'is abandoned' ? { signal: AbortSignal.abort() } : {}
          const answer = await graph.run(text, { caller, limits: { ...limits, ...beyond }, ...signal })
          calls += ['is too dear', 'is beyond its quota'].includes(kind) ? 0 : 1
          if (kind === 'succeeds') gate.accept(text)
          expect(answer.errors.length === 0, kind).toBe(clean.includes(kind))
        }
        if (flush) await usage.close()
      }
      const { limits: readings } = await graph.run('{ rateLimit { planName } }', { caller, limits })
      const spent = readings[0]?.state.used
      for (let turn = 0; turn <= script.length + 1; turn += 1) await usage.close()

      for (const dimension of ['APP', 'OUTCOME', 'HOUR', 'DAY', 'ERROR_CODE', 'END_USER']) {
        expect(await sumOf(appId, organization, dimension), dimension).toMatchObject({ calls, cost: spent })
      }
      billing.goTo('2026-04-05T00:00:00.000Z')
      await billing.run('subscription-renewal')
      await billing.run('invoice-run')
      const { invoices } = await billing.read<{
        invoices: { nodes: { lines: { description: string; quantity: number }[] }[] }
      }>(callerOf(organization), '{ invoices(first: 1) { nodes { lines { description quantity } } } }')
      const lines = invoices.nodes.flatMap((invoice) => invoice.lines)
      const invoiced = (meter: string) => lines.find(({ description }) => description.startsWith(meter))?.quantity ?? 0
      expect([invoiced('cost'), invoiced('calls')]).toEqual([spent, calls])
    }),
    { numRuns: 20 },
  )
}, 120_000)
