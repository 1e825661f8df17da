import { parse, visit } from 'graphql'

interface Charge {
  refusal: unknown
  settle: () => unknown
}

export interface CostBucket {
  charge: (query: string) => Charge
  chargeEvent: () => unknown
  /** Leaves this many points, which grow again once somebody has asked. */
  drainTo: (points: number) => void
}

/** Slow enough that what a query costs is still seen when a busy machine has come to look. */
const RESTORE_RATE = 4

/** A bucket that charges one point a field, enough to see the page tell costs, refills and refusals. */
export function createCostBucket(size: number, available: number): CostBucket {
  let level = available
  let readAt = Date.now()

  function currentLevel(): number {
    const now = Date.now()
    level = Math.min(size, level + ((now - Math.min(readAt, now)) / 1000) * RESTORE_RATE)
    readAt = now
    return level
  }

  function tell(requestedQueryCost: number, actualQueryCost: number | null) {
    const throttleStatus = { maximumAvailable: size, currentlyAvailable: currentLevel(), restoreRate: RESTORE_RATE }
    return { requestedQueryCost, actualQueryCost, throttleStatus }
  }

  return {
    charge(query) {
      const estimate = countFields(query)
      if (estimate > currentLevel()) {
        const retryAfter = (estimate - level) / RESTORE_RATE
        const error = { message: 'The bucket is empty.', extensions: { code: 'THROTTLED', retryAfter } }
        return { refusal: { errors: [error], extensions: { cost: tell(estimate, null) } }, settle: () => null }
      }
      const actual = Math.ceil(estimate * 0.8)
      return {
        refusal: null,
        settle() {
          level -= actual
          return tell(estimate, actual)
        },
      }
    },
    chargeEvent() {
      level -= 3
      return tell(3, 3)
    },
    drainTo(points) {
      level = points
      readAt = Number.POSITIVE_INFINITY
    },
  }
}

function countFields(query: string): number {
  let fields = 0
  visit(parse(query), {
    Field(node) {
      if (!node.name.value.startsWith('__')) fields += node.name.value === 'products' ? 300 : 1
    },
  })
  return fields
}
