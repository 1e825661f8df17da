import type { Caller } from '../kit/caller.ts'
import type { CodedError } from '../kit/errors.ts'

/** Coerced variable values by name. */
export type Variables = Readonly<Record<string, unknown>>

/** How often a field may be asked for within a window, which begins with the first time. */
export interface FieldLimit {
  /** For example `Query.products`. */
  readonly coordinate: string
  readonly calls: number
  readonly windowSeconds: number
}

/** What an organization's apps may use together; null is unlimited. */
export interface OrganizationCeiling {
  readonly organizationId: string
  readonly bucketSize: number | null
  readonly restoreRate: number | null
  readonly monthlyCalls: number | null
}

/** The calls of a day and a month (UTC) that billing had counted when it was asked. */
export interface CountedCalls {
  /** For example `2026-11-21`. */
  readonly day: string
  /** For example `2026-11`. */
  readonly month: string
  readonly callsOfDay: number
  readonly callsOfMonth: number
  readonly organizationCallsOfMonth: number
}

/** The limits of an app's plan, as billing states them; null is unlimited. */
export interface PlanLimits {
  readonly planId: string
  readonly planName: string
  /** Most points that can be saved up. */
  readonly bucketSize: number
  /** Points that come back per second. */
  readonly restoreRate: number
  /** Most points that one operation may be estimated at. */
  readonly maxQueryCost: number
  /** Calls per day and per calendar month (UTC). */
  readonly dailyCalls: number | null
  readonly monthlyCalls: number | null
  /** Whether an operation beyond a quota is refused (HARD), or only told of (SOFT). */
  readonly quotaMode: 'HARD' | 'SOFT'
  /** The bucket that each end user of the app has besides the app's own. */
  readonly endUserBucketSize: number | null
  readonly endUserRestoreRate: number | null
  readonly openStreams: number | null
  readonly concurrentRequests: number | null
  readonly fieldLimits: readonly FieldLimit[]
  /** Whether mutations are refused. */
  readonly readOnly: boolean
  /** Whether only documents run that the app has published. */
  readonly trustedDocumentsOnly: boolean
  readonly organization: OrganizationCeiling | null
  readonly counted: CountedCalls | null
}

/** Who calls and what their plan allows. */
export interface Identity {
  readonly caller: Caller
  readonly limits: PlanLimits
  /** What becomes of the caller, for what stays open; absent where nothing does. */
  readonly live?: LiveIdentity
}

/** Who calls, for as long as something of theirs is open. */
export interface LiveIdentity {
  /** As it is now. Scopes, plan and limits may change; whose data it is for never does. */
  readonly current: Identity
  /** Why it has ended; null while it has not. */
  readonly ended: CodedError | null
  /** Calls back after each change, the last time when it has ended. Answers how to stop listening. */
  listen(onChange: () => void): () => void
  /** Nothing of theirs is open any more. */
  release(): void
}

/** What the front knows of how an operation came. */
export interface Arrival {
  /** `performance.now()` when the request came, before who calls was looked up. */
  readonly arrivedMs: number
  /** The client's `traceparent` header. It becomes a link: an outsider decides nothing of what is recorded here. */
  readonly traceparent: string | undefined
  /** Whether the client wants to know where the time went. */
  readonly timing: boolean
  /** Whether the operator wants to see the plan. */
  readonly plan: boolean
  /** Whether an answer that was kept will not do: `Cache-Control: no-cache`. */
  readonly fresh: boolean
}
