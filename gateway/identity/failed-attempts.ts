import { LRUCache } from 'lru-cache'
import { CodedError } from '../../kit/errors.ts'

/** How many credentials of one client may fail within a window before none but known ones are looked at. */
export interface AttemptLimit {
  readonly most: number
  readonly windowMs: number
}

export const defaultAttemptLimit: AttemptLimit = { most: 100, windowMs: 60_000 }

/** Clients that are counted at once; the one that failed longest ago is forgotten first. */
const remembered = 50_000

export interface FailedAttempts {
  /** Throws THROTTLED, with when to come back, for a client that has failed too often. */
  refuse(client: string): void
  note(client: string): void
}

/** Counts failed credentials per client address, in windows that begin with the first. */
export function createFailedAttempts(limit: AttemptLimit, nowMs: () => number): FailedAttempts {
  const windows = new LRUCache<string, { readonly endsAt: number; failed: number }>({ max: remembered })
  const current = (client: string) => {
    const window = windows.get(client)
    return window !== undefined && nowMs() < window.endsAt ? window : undefined
  }
  return {
    refuse(client) {
      const window = current(client)
      if (window === undefined || window.failed < limit.most) return
      const retryAfter = Math.max(1, Math.ceil((window.endsAt - nowMs()) / 1_000))
      const message = 'Too many credentials from your address were not valid; come back later.'
      throw new CodedError('THROTTLED', message, { retryAfter })
    },
    note(client) {
      const window = current(client)
      if (window === undefined) windows.set(client, { endsAt: nowMs() + limit.windowMs, failed: 1 })
      else window.failed += 1
    },
  }
}
