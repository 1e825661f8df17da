import { describe, expect, it } from 'vitest'
import type { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import type { Identity, LiveIdentity } from '../../gateway/request.ts'
import { CodedError } from '../../kit/errors.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createMiniGraph, generousLimits, testCaller } from './mini-graph.ts'

/** A caller that a test changes. */
function createLive(scopes: readonly string[]) {
  const listeners = new Set<() => void>()
  const state = { current: identityOf(scopes), ended: null as CodedError | null }
  const live: LiveIdentity = {
    get current() {
      return state.current
    },
    get ended() {
      return state.ended
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    release: () => undefined,
  }
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    live,
    listeners,
    narrow(to: readonly string[]) {
      state.current = identityOf(to)
      tell()
    },
    end() {
      state.ended = new CodedError('UNAUTHENTICATED', 'The key was revoked.')
      tell()
    },
  }
}

function identityOf(scopes: readonly string[]): Identity {
  return { caller: testCaller({ scopes }), limits: generousLimits }
}

async function openStream(scopes: readonly string[]) {
  let opened = 0
  let closed = 0
  const queues: { push(order: { id: string }): void }[] = []
  const subscribe = () => {
    const { push, iterator } = createQueue<{ id: string }>({
      limit: 10,
      onEnd: () => {
        closed += 1
      },
    })
    opened += 1
    queues.push({ push })
    return iterator
  }
  const push = (order: { id: string }): void => {
    for (const queue of queues) queue.push(order)
  }
  const shop = {
    name: 'shop',
    sdl: `
      type Query { any: Int @authenticated }
      type Subscription { orders: Order @requiresScopes(scopes: [["orders:read"]]) }
      type Order @key(fields: "id") @authenticated { id: ID! note: String lines: [Line!] }
      type Line @authenticated { name: String price: Int @requiresScopes(scopes: [["prices:read"]]) }`,
    resolvers: {
      Subscription: {
        orders: {
          subscribe,
          resolve: ({ id }: { id: string }) => ({ id, note: 'n', lines: [{ name: 'one', price: 1 }] }),
        },
      },
    },
  }
  const billing = {
    name: 'billing',
    sdl: `
      type Query { other: Int @authenticated }
      type Order @key(fields: "id") @authenticated { id: ID! paid: Int @requiresScopes(scopes: [["paid:read"]]) }`,
    resolvers: {
      Order: { __resolveReference: ({ id }: { id: string }) => ({ id }), paid: () => 7 },
    },
  }
  /** Resolves when the stream has gone on, so many times in all, with what its caller may see now. */
  const isOpenAgain = (times = 1) => expect.poll(() => opened).toBe(times + 1)
  const graph = await createMiniGraph([shop, billing], { streams: { lingerMs: 0 } })
  const caller = createLive(scopes)
  const identity: Identity = { ...caller.live.current, live: caller.live }
  const answers = await graph.subscribe('subscription { orders { id paid lines { name price } } }', { identity })
  if (!(Symbol.asyncIterator in answers)) throw new Error(JSON.stringify(answers.errors))
  const next = async () => {
    const { value, done } = await answers.next()
    if (done) throw new Error('the stream ended')
    return seen(value)
  }
  return { push, next, answers, caller, fetches: graph.fetches, isClosed: () => closed === opened, isOpenAgain }
}

const seen = ({ data, errors }: GraphAnswer) => ({
  data,
  denied: errors.map(({ code, extensions }) => `${code} ${String(extensions['coordinate'])}`),
})
const all = ['orders:read', 'paid:read', 'prices:read']
const whole = { orders: { id: '1', paid: 7, lines: [{ name: 'one', price: 1 }] } }

describe('a stream whose caller', () => {
  it('loses a scope shows no more of its own fields that need it', async () => {
    const { push, next, caller, isOpenAgain } = await openStream(all)
    push({ id: '1' })
    expect(await next()).toEqual({ data: whole, denied: [] })
    caller.narrow(['orders:read', 'paid:read'])
    await isOpenAgain()
    push({ id: '1' })
    expect(await next()).toEqual({
      data: { orders: { id: '1', paid: 7, lines: [{ name: 'one', price: null }] } },
      denied: ['FORBIDDEN Line.price'],
    })
  })

  it('loses a scope fetches no more of other subgraphs that needs it', async () => {
    const { push, next, caller, fetches, isOpenAgain } = await openStream(all)
    caller.narrow(['orders:read', 'prices:read'])
    await isOpenAgain()
    push({ id: '1' })
    expect(await next()).toEqual({
      data: { orders: { id: '1', paid: null, lines: [{ name: 'one', price: 1 }] } },
      denied: ['FORBIDDEN Order.paid'],
    })
    expect(fetches.map(({ subgraph }) => subgraph)).toEqual(['shop', 'shop'])
  })

  it('gains a scope shows no more than it was opened with', async () => {
    const { push, next, caller } = await openStream(['orders:read', 'paid:read'])
    caller.narrow(all)
    push({ id: '1' })
    expect((await next()).denied).toEqual(['FORBIDDEN Line.price'])
  })

  it('gets a scope back that it was opened with shows its fields again', async () => {
    const { push, next, caller, isOpenAgain } = await openStream(all)
    caller.narrow(['orders:read'])
    await isOpenAgain()
    push({ id: '1' })
    expect((await next()).denied).toHaveLength(2)
    caller.narrow(all)
    await isOpenAgain(2)
    push({ id: '1' })
    expect(await next()).toEqual({ data: whole, denied: [] })
  })

  it('may not see it any more ends at once, while it waits', async () => {
    const { answers, caller, isClosed } = await openStream(all)
    const waiting = answers.next()
    caller.narrow(['paid:read', 'prices:read'])
    await expect(waiting).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await answers.next()).toEqual({ done: true, value: undefined })
    await expect.poll(isClosed).toBe(true)
  })

  it('has ended tells its reader, also one that did not wait just then', async () => {
    const { answers, caller, isClosed } = await openStream(all)
    caller.end()
    await expect(answers.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await answers.next()).toEqual({ done: true, value: undefined })
    await expect.poll(isClosed).toBe(true)
  })

  it('was left is not listened for any more', async () => {
    const { answers, caller } = await openStream(all)
    expect(caller.listeners.size).toBe(1)
    await answers.return?.()
    expect(caller.listeners.size).toBe(0)
  })
})
