import { type OperationCoordinates, noCoordinates } from '../operation/operation-coordinates.ts'
import { type UsageCounts, UsageCounter } from './usage-counter.ts'
import type { Usage, UsageOutcome } from './usage-recorder.ts'

interface OfAnHour {
  readonly appId: string
  readonly environment: 'live' | 'sandbox'
  /** The beginning of the hour, ISO 8601 in UTC. */
  readonly hour: string
}

/** On which path; null for the whole graph. There are as many as are declared, so it bounds what it multiplies. */
interface OfAPath {
  readonly contract: string | null
}

/** Usage of one app with one outcome in one hour, as billing takes it: what is billed, and limits follow. */
export interface UsageRecord extends OfAnHour, OfAPath, UsageCounts {
  readonly outcome: UsageOutcome
  readonly code: string | null
}

/** The part of an app's usage that was an end user's. */
export interface UsagePart extends OfAnHour, UsageCounts {
  readonly key: string
}

/** The part of it that used a coordinate, on one path. */
export interface CoordinateUsage extends UsagePart, OfAPath {}

/** What is handed to billing at once. */
export interface UsageBatch {
  readonly records: readonly UsageRecord[]
  readonly coordinates: readonly CoordinateUsage[]
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

interface Part extends OfAPath {
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
    const key = `${hour} ${usage.appId} ${usage.edition ?? ''} ${usage.outcome} ${usage.code ?? ''} ${usage.endUserId ?? ''} ${usage.uses?.id ?? ''}`
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

  /** Adds to the part of a key; to `(other)` of the same app, day and path when there are too many. */
  function addPart(into: Map<string, Part>, part: Omit<Part, 'counter'>): void {
    const { kind, contract } = part
    const id = partId(part)
    let known = into.get(id)
    if (known === undefined) {
      if (into.size >= mostParts && part.key !== otherKey) {
        return addPart(into, { kind, contract, key: otherKey, uses: others })
      }
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
        const id = `${hour} ${usage.appId} ${usage.edition ?? ''} ${usage.outcome} ${usage.code ?? ''}`
        const record = records.get(id) ?? { kind, counter: new UsageCounter() }
        record.counter.merge(counter)
        records.set(id, record)
        const uses = usage.uses ?? noCoordinates
        const contract = usage.edition ?? null
        if (uses.coordinates.length > 0) addPart(parts.coordinates, { kind, contract, key: uses.id, uses })
        if (usage.endUserId !== undefined) addPart(parts.endUsers, { kind, contract: null, key: usage.endUserId, uses })
      }
      return [...records.values()].map(({ kind, counter }) => {
        const { outcome, code, edition = null } = kind.usage
        return { ...ofAnHour(kind), contract: edition, outcome, code: code ?? null, ...counter.counts() }
      })
    },
    /** What the records taken since used, and whose they were. */
    takeDetails(): Pick<UsageBatch, 'coordinates' | 'endUsers'> {
      const used = new Map<string, Omit<Part, 'uses'>>()
      for (const { kind, contract, uses, counter } of parts.coordinates.values()) {
        for (const key of uses.coordinates) {
          const id = partId({ kind, contract, key })
          const coordinate = used.get(id) ?? { kind, contract, key, counter: new UsageCounter() }
          coordinate.counter.merge(counter)
          used.set(id, coordinate)
        }
      }
      const told = (part: Omit<Part, 'uses'>): UsagePart => ({
        ...ofAnHour(part.kind),
        key: part.key,
        ...part.counter.counts(),
      })
      const details = {
        coordinates: [...used.values()].map((part) => ({ ...told(part), contract: part.contract })),
        endUsers: [...parts.endUsers.values()].map(told),
      }
      parts.coordinates.clear()
      parts.endUsers.clear()
      return details
    },
  }
}

/** Equal for what becomes one row of billing's. */
function partId({ kind, contract, key }: Pick<Part, 'kind' | 'contract' | 'key'>): string {
  return `${Math.floor(kind.hour / 24)} ${kind.usage.appId} ${contract ?? ''} ${key}`
}

function ofAnHour({ usage: { appId, environment }, hour }: Kind): OfAnHour {
  return { appId, environment: environment ?? 'live', hour: new Date(hour * hourMs).toISOString() }
}
