import type { Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import type { MiniSubgraph } from './mini-graph.ts'

export const log = createLogger('test', 'silent')
export const signatureKey = Buffer.alloc(32, 7)

/** A subscription's source that a test holds in its hands. */
export interface NumberSource {
  push(value: number): void
  fail(error: Error): void
  /** Ends the feed as its own subgraph would. */
  end(): void
  /** Lets `lateNumbers` go on. */
  open(): void
  /** Settles when `lateNumbers` was asked for. */
  readonly asked: Promise<void>
  /** Settles when the subgraph has let go of the feed. */
  readonly closed: Promise<void>
}

/** A source for the subscriptions of `shop`. */
export function createNumberSource(): NumberSource & {
  readonly feed: NumberFeed
  readonly late: () => Promise<NumberFeed>
} {
  const [asked, ask] = signal()
  const [opened, open] = signal()
  const [closed, close] = signal()
  const { push, fail, end, iterator } = createQueue<number>({ limit: 1_000, onEnd: close })
  return {
    push,
    fail,
    end,
    open,
    asked,
    closed,
    feed: iterator,
    async late() {
      ask()
      await opened
      return iterator
    },
  }
}

type NumberFeed = AsyncIterableIterator<number, undefined>

function signal(): [Promise<void>, () => void] {
  const settles: (() => void)[] = []
  const settled = new Promise<void>((resolve) => settles.push(resolve))
  return [settled, () => settles[0]?.()]
}

/** A subgraph with an answer of each kind. */
export function shop(source = createNumberSource()): MiniSubgraph {
  return {
    name: 'shop',
    sdl: `
      type Query {
        price: Float @authenticated
        text: String @authenticated
        list: [Product!] @authenticated
        nothing: String @authenticated
        moment: DateTimeISO @authenticated
        product(id: ID!): Product @authenticated
        caller: String @authenticated
        coded: String @authenticated
        broken: String @authenticated
        secret: String @requiresScopes(scopes: [["secret:read"]])
        never: String @authenticated
      }
      type Mutation { rename(name: String!): String @authenticated }
      type Subscription {
        numbers: Int @authenticated
        lateNumbers: Int @authenticated
        secretNumbers: Int @requiresScopes(scopes: [["secret:read"]])
      }
      type Product @key(fields: "id") @authenticated { id: ID! broken: String }
      scalar DateTimeISO`,
    resolvers: {
      Query: {
        price: () => 19.99,
        text: () => 'Zürich \u{1F600} "quoted"\n',
        list: () => [{ id: '1' }, { id: '2' }],
        nothing: () => null,
        moment: () => new Date('2026-11-18T10:20:30.456Z'),
        product: (_parent: unknown, { id }: { id: string }) => ({ id }),
        caller: (_parent: unknown, _args: unknown, { caller }: { caller: Caller }) => JSON.stringify(caller),
        coded: () => {
          throw new CodedError('NOT_FOUND', 'There is none.', { argument: 'id', tried: [1, { two: null }] })
        },
        broken: () => {
          throw new Error('a secret of the database')
        },
        secret: () => 'secret',
        never: () => new Promise(() => undefined),
      },
      Mutation: { rename: (_parent: unknown, { name }: { name: string }) => name },
      Subscription: {
        numbers: { subscribe: () => source.feed, resolve: (value: number) => value },
        lateNumbers: { subscribe: () => source.late(), resolve: (value: number) => value },
        secretNumbers: { subscribe: () => source.feed, resolve: (value: number) => value },
      },
      Product: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        broken: ({ id }: { id: string }) => {
          if (id === '2') throw new Error('a secret of the database')
          return 'whole'
        },
      },
    },
  }
}

/** A second subgraph that adds to the first one's products. */
export const stock: MiniSubgraph = {
  name: 'warehouse',
  sdl: `
    type Query { sites: Int @authenticated }
    type Product @key(fields: "id") @authenticated { id: ID! onHand: Int neverCounted: Int }`,
  resolvers: {
    Query: { sites: () => 2 },
    Product: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      onHand: ({ id }: { id: string }) => Number(id) * 10,
      neverCounted: () => new Promise(() => undefined),
    },
  },
}
