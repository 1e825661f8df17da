import type { Logger } from '../../kit/log.ts'
import { type Decision, type LimitDemand, type Limiter, refused } from './limiter.ts'

/** What a gateway may admit by itself of each limit. */
const share = 0.1
/** How long the shared limits are left alone after they have failed, so that not every request waits for them. */
const pauseMs = 1_000
/** When to come back with an operation that is dearer than the whole reserve. */
const retryAfterMs = 5_000

/**
 * Limits that go on while the shared ones are out of reach, each gateway with a tenth of every limit: partners are
 * served, and an outage opens no limit altogether. N gateways admit at most N tenths of the usual. What was taken from
 * the shared limits is given back to them or to none, and never to the reserve.
 */
export function withOutageReserve(
  shared: Limiter,
  options: { readonly local: Limiter; readonly log: Logger; readonly nowMs: () => number },
): Limiter {
  const { local, log, nowMs } = options
  let downUntil: number | undefined

  const failed = (error: unknown): void => {
    if (downUntil === undefined) {
      log.error({ err: error }, 'the shared limits are out of reach; this gateway admits a tenth by itself')
    }
    downUntil = nowMs() + pauseMs
  }
  const attempt = async <Result>(ask: () => Promise<Result>, otherwise: () => Promise<Result>): Promise<Result> => {
    if (downUntil !== undefined && nowMs() < downUntil) return otherwise()
    try {
      const result = await ask()
      if (downUntil !== undefined) log.warn('the shared limits are back')
      downUntil = undefined
      return result
    } catch (error) {
      failed(error)
      return otherwise()
    }
  }
  const decideShared = async (demands: readonly LimitDemand[]): Promise<Decision> => {
    const decision = await shared.decide(demands)
    return {
      ...decision,
      settle: (unusedPoints) =>
        decision.settle(unusedPoints).catch((error: unknown) => {
          failed(error)
          return decision.states
        }),
    }
  }
  const decideLocally = async (demands: readonly LimitDemand[]): Promise<Decision> => {
    const reserve = demands.map(reserveOf)
    if (!reserve.some(tooDear)) return local.decide(reserve)
    const states = await local.look(reserve)
    return refused(
      states.map((state, index) => {
        const demand = reserve[index]
        return demand !== undefined && tooDear(demand) ? { ...state, waitMs: retryAfterMs } : state
      }),
    )
  }
  return {
    decide: (demands) =>
      attempt(
        () => decideShared(demands),
        () => decideLocally(demands),
      ),
    look: (demands) =>
      attempt(
        () => shared.look(demands),
        () => local.look(demands.map(reserveOf)),
      ),
    reachesShared: () => downUntil === undefined,
    close: async () => {
      await Promise.all([shared.close(), local.close()])
    },
  }
}

function tooDear(demand: LimitDemand): boolean {
  return demand.kind === 'bucket' && demand.points > demand.size
}

/** A tenth of a limit; of a quota, a tenth of what billing knows to be left of it. */
function reserveOf(demand: LimitDemand): LimitDemand {
  switch (demand.kind) {
    case 'bucket':
      return { ...demand, size: Math.ceil(demand.size * share), rate: demand.rate * share }
    case 'counter': {
      const left = Math.max(0, demand.most - demand.atLeast)
      return { ...demand, most: Math.min(demand.most, demand.atLeast + Math.ceil(left * share)) }
    }
    case 'slot':
      return { ...demand, most: Math.ceil(demand.most * share) }
    default:
      return demand satisfies never
  }
}
