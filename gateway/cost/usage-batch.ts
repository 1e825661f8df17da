import { type OperationCoordinates, noCoordinates } from '../operation/operation-coordinates.ts'
import { type UsageCounts, UsageCounter } from './usage-counter.ts'
import type { Usage, UsageOutcome } from './usage-recorder.ts'

interface OfAnHour {
  readonly appId: string
  readonly environment: 'live' | 'sandbox'
  /** The beginning of the hour, ISO 8601 in UTC. */
  readonly hour: string
}

/** Usage of one app with one outcome in one hour, as billing takes it: what is billed, and limits follow. */
export interface UsageRecord extends OfAnHour, UsageCounts {
  readonly outcome: UsageOutcome
  readonly code: string | null
}

/** The part of an app's usage that used a coordinate or was an end user's. */
export interface UsagePart extends OfAnHour, UsageCounts {
  readonly key: string
}

/** What is handed to billing at once. */
export interface UsageBatch {
  readonly records: readonly UsageRecord[]
  readonly coordinates: readonly UsagePart[]
  readonly endUsers: readonly UsagePart[]
}

/** Stands for all coordinates or end users for which there was no room. */
export const otherKey = '(other)'

const hourMs = 60 * 60 * 1000
/** Distinct kinds of usage between two flushes; beyond, end user and coordinates are counted as `(other)`. */
const mostKinds = 10_000
/** Distinct sets of coordinates, and end users, that are held for the next details. */
const mostParts = 5_000

const others: OperationCoordinates = { id: otherKey, coordinates: [otherKey] }

interface Kind {
  readonly usage: Omit<Usage, 'calls' | 'cost' | 'failed' | 'latencyMs'>
  readonly hour: number
  readonly counter: UsageCounter
}

interface Part {
  readonly kind: Kind
  readonly key: string
  readonly uses: OperationCoordinates
  readonly counter: UsageCounter
}

/**
 * Usage since the last flush. A request costs one look-up and some additions; what it used is written out per
 * coordinate only when details are taken. Memory is bounded, and nothing is lost where the bound is met: it is counted
 * under `(other)`, and what is billed is exact in any case.
 */
export function createUsageCollection() {
  let kinds = new Map<string, Kind>()
  const parts = { coordinates: new Map<string, Part>(), endUsers: new Map<string, Part>() }

  function kindOf(usage: Usage, hour: number): Kind {
    const key = `${hour} ${usage.appId} ${usage.outcome} ${usage.code ?? ''} ${usage.endUserId ?? ''} ${usage.uses?.id ?? ''}`
    const known = kinds.get(key)
    if (known !== undefined) return known
    if (kinds.size >= mostKinds && usage.uses !== others) {
      const anyone = usage.endUserId === undefined ? {} : { endUserId: otherKey }
      return kindOf({ ...usage, ...anyone, uses: others }, hour)
    }
    const kind = { usage, hour, counter: new UsageCounter() }
    kinds.set(key, kind)
    return kind
  }

  /** Adds to the part of a key; to `(other)` of the same app and day when there are too many. */
  function addPart(into: Map<string, Part>, part: Omit<Part, 'counter'>): void {
    const { kind } = part
    const id = `${Math.floor(kind.hour / 24)} ${kind.usage.appId} ${part.key}`
    let known = into.get(id)
    if (known === undefined) {
      if (into.size >= mostParts && part.key !== otherKey) return addPart(into, { kind, key: otherKey, uses: others })
      known = { ...part, counter: new UsageCounter() }
      into.set(id, known)
    }
    known.counter.merge(kind.counter)
  }

  return {
    add(usage: Usage, now: Date): void {
      kindOf(usage, Math.floor(now.getTime() / hourMs)).counter.add(usage)
    },
    /** What was counted since it was last taken, by outcome. */
    takeRecords(): UsageRecord[] {
      const taken = kinds
      kinds = new Map()
      const records = new Map<string, { kind: Kind; counter: UsageCounter }>()
      for (const kind of taken.values()) {
        const { usage, hour, counter } = kind
        const id = `${hour} ${usage.appId} ${usage.outcome} ${usage.code ?? ''}`
        const record = records.get(id) ?? { kind, counter: new UsageCounter() }
        record.counter.merge(counter)
        records.set(id, record)
        const uses = usage.uses ?? noCoordinates
        if (uses.coordinates.length > 0) addPart(parts.coordinates, { kind, key: uses.id, uses })
        if (usage.endUserId !== undefined) addPart(parts.endUsers, { kind, key: usage.endUserId, uses })
      }
      return [...records.values()].map(({ kind, counter }) => {
        const { outcome, code } = kind.usage
        return { ...ofAnHour(kind), outcome, code: code ?? null, ...counter.counts() }
      })
    },
    /** What the records taken since used, and whose they were. */
    takeDetails(): Pick<UsageBatch, 'coordinates' | 'endUsers'> {
      const used = new Map<string, { kind: Kind; key: string; counter: UsageCounter }>()
      for (const { kind, uses, counter } of parts.coordinates.values()) {
        for (const key of uses.coordinates) {
          const id = `${Math.floor(kind.hour / 24)} ${kind.usage.appId} ${key}`
          const coordinate = used.get(id) ?? { kind, key, counter: new UsageCounter() }
          coordinate.counter.merge(counter)
          used.set(id, coordinate)
        }
      }
      const told = (part: { kind: Kind; key: string; counter: UsageCounter }): UsagePart => ({
        ...ofAnHour(part.kind),
        key: part.key,
        ...part.counter.counts(),
      })
      const details = {
        coordinates: [...used.values()].map(told),
        endUsers: [...parts.endUsers.values()].map(told),
      }
      parts.coordinates.clear()
      parts.endUsers.clear()
      return details
    },
  }
}

function ofAnHour({ usage: { appId, environment }, hour }: Kind): OfAnHour {
  return { appId, environment: environment ?? 'live', hour: new Date(hour * hourMs).toISOString() }
}
