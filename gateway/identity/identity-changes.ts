/** What an identity is made of, for example `APP:app_…` or `ORGANIZATION:org_…`. */
export type Subject = string

/** What gateways were told of callers, and whether they are told all of it. */
export interface IdentityChanges {
  /** Grows with every change. */
  readonly count: () => number
  /** Since when every change has been told, on the monotonic clock; null while the feed is cut. */
  readonly completeSince: () => number | null
  /** Whether one of the subjects has changed at or after a moment, or may have. */
  readonly concern: (subjects: readonly Subject[], since: number) => boolean
  readonly listen: (listener: (subject: Subject) => void) => () => void
}

export interface NotedChanges extends IdentityChanges {
  readonly note: (subject: Subject) => void
  /** Says whether what comes is complete; asked each time, because a feed can fall silent. */
  readonly follow: (completeSince: () => number | null) => void
}

/** Changes that are remembered; what was looked up before the oldest of them is looked up anew. */
const remembered = 20_000

/** The changes that one gateway was told of. Nothing is complete until a feed says so. */
export function createIdentityChanges(nowMs: () => number): NotedChanges {
  const changedAt = new Map<Subject, number>()
  const listeners = new Set<(subject: Subject) => void>()
  let count = 0
  /** Changes up to here may have been forgotten. */
  let forgottenUpTo = Number.NEGATIVE_INFINITY
  let source: (() => number | null) | undefined
  return {
    count: () => count,
    completeSince: () => source?.() ?? null,
    concern: (subjects, since) =>
      since <= forgottenUpTo ||
      subjects.some((subject) => (changedAt.get(subject) ?? Number.NEGATIVE_INFINITY) >= since),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    note(subject) {
      count += 1
      // Taken out first, so that the map stays in the order of time.
      changedAt.delete(subject)
      changedAt.set(subject, nowMs())
      if (changedAt.size > remembered) {
        const [oldest] = changedAt
        if (oldest) {
          changedAt.delete(oldest[0])
          forgottenUpTo = oldest[1]
        }
      }
      for (const listener of listeners) listener(subject)
    },
    follow(completeSince) {
      source = completeSince
    },
  }
}
