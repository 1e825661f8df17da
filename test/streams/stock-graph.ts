import { CodedError } from '../../kit/errors.ts'
import type { Identity, LiveIdentity } from '../../gateway/request.ts'
import {
  type PipelineOptions,
  type TestPipeline,
  createMiniGraph,
  generousLimits,
  testCaller,
  testCursors,
} from '../gateway/mini-graph.ts'

export interface StockEvent {
  readonly position: number
  readonly sku: string
  readonly units: number
}

/** A subgraph with a log that tests put events into, and another that names what they are about. */
export class Stock {
  readonly events: StockEvent[] = []
  readonly #waiting = new Set<() => void>()
  #cut = 0

  commit(sku: string, units = 1): void {
    this.events.push({ position: this.events.length + 1, sku, units })
    this.#wake()
  }

  /** Ends every stream with an error, as a process that is killed does. */
  cut(): void {
    this.#cut += 1
    this.#wake()
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Events after a position and then live; of one organization's own view nothing depends. */
  follow(after: number): AsyncIterableIterator<StockEvent, undefined> {
    const cut = this.#cut
    let at = after
    let closed = false
    return {
      next: async () => {
        for (;;) {
          if (cut !== this.#cut) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'cut off')
          if (closed) return { done: true, value: undefined }
          const event = this.events[at]
          if (event !== undefined) {
            at += 1
            return { done: false, value: event }
          }
          await new Promise<void>((resolve) => this.#waiting.add(resolve))
        }
      },
      return: () => {
        closed = true
        this.#wake()
        return Promise.resolve({ done: true, value: undefined })
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

/** The graph of a stock, whose units only some may see. */
export async function createStockGraph(
  options: PipelineOptions & {
    /** More of the stock's SDL. */
    readonly extra?: string
    /** Whether an item has no name any more, but a title. */
    readonly renamed?: boolean
  } = {},
): Promise<{ readonly graph: TestPipeline; readonly stock: Stock }> {
  const stock = new Stock()
  const title = options.renamed ? 'title' : 'name'
  const graph = await createMiniGraph(
    [
      {
        name: 'stock',
        sdl: `
          type Query { any: Int @authenticated }
          type Subscription {
            changed(skus: [ID!], after: String, mode: Mode! = EVERY): Change @authenticated
            moved(after: String): Change @authenticated
          }
          enum Mode { EVERY LATEST }
          type Change @authenticated {
            cursor: String!
            subject: ID!
            position: Int!
            units: Int @requiresScopes(scopes: [["units:read"]])
            item: Item!
          }
          type Item @key(fields: "id") @authenticated { id: ID! }
          ${options.extra ?? ''}`,
        resolvers: {
          Subscription: {
            changed: {
              subscribe: (_: unknown, { after }: { after?: string | null }) => {
                const position = after == null ? stock.events.length : testCursors.decode(after)
                if (position === null) throw new CodedError('BAD_USER_INPUT', 'no cursor')
                return stock.follow(position)
              },
              resolve: (event: StockEvent) => event,
            },
            moved: { subscribe: () => stock.follow(stock.events.length), resolve: (event: StockEvent) => event },
          },
          Change: {
            cursor: ({ position }: StockEvent) => testCursors.encode(position),
            subject: ({ sku }: StockEvent) => sku,
            item: ({ sku }: StockEvent) => ({ id: sku }),
          },
        },
      },
      {
        name: 'catalog',
        sdl: `
          type Query { other: Int @authenticated }
          type Item @key(fields: "id") @authenticated { id: ID! ${title}: String }`,
        resolvers: {
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            [title]: ({ id }: { id: string }) => `item ${id}`,
          },
        },
      },
    ],
    { newestEvent: () => Promise.resolve(testCursors.encode(stock.events.length)), ...options },
  )
  return { graph, stock }
}

/** A caller that a test changes while something of theirs is open. */
export function createChangingCaller(scopes: readonly string[]) {
  const listeners = new Set<() => void>()
  const state = { current: identityOf(scopes), ended: null as CodedError | null }
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
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
  return {
    identity: { ...state.current, live },
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
