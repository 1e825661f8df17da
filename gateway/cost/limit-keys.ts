import type { Identity } from '../request.ts'

/** Under which keys the limits of an identity are counted. */
export interface LimitKeys {
  readonly points: string
  readonly endUserPoints: string
  readonly organizationPoints: string
  /** In the order of the plan's limits of fields. */
  readonly fields: readonly string[]
  readonly request: string
  readonly stream: string
  /** Calls of an app or organization in a calendar period. */
  calls(owner: string, period: string): string
}

/** Calls are counted by app and by organization, in a day and in a month; then those that have passed are forgotten. */
const callsRemembered = 8

const known = new WeakMap<Identity, LimitKeys>()

/**
 * The keys of an identity's limits, made once for it: a text that is made anew for each request is hashed again, and
 * compared letter by letter, wherever it is looked up.
 */
export function limitKeys(identity: Identity): LimitKeys {
  let keys = known.get(identity)
  if (keys === undefined) {
    keys = makeKeys(identity)
    known.set(identity, keys)
  }
  return keys
}

function makeKeys({ caller: { appId, endUserId }, limits }: Identity): LimitKeys {
  const calls = new Map<string, Map<string, string>>()
  return {
    points: `points:${appId}`,
    endUserPoints: `points:${appId}:${endUserId ?? ''}`,
    organizationPoints: `points:${limits.organization?.organizationId ?? ''}`,
    fields: limits.fieldLimits.map(({ coordinate, windowSeconds }) => `field:${appId}:${coordinate}:${windowSeconds}`),
    request: `request:${appId}`,
    stream: `stream:${appId}`,
    calls(owner, period) {
      const ofOwner = calls.get(owner)
      const found = ofOwner?.get(period)
      if (found !== undefined) return found
      const key = `calls:${owner}:${period}`
      if (ofOwner === undefined || ofOwner.size >= callsRemembered) calls.set(owner, new Map([[period, key]]))
      else ofOwner.set(period, key)
      return key
    },
  }
}
