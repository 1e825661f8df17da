import type { Logger } from '../../kit/log.ts'
import { createSendLater } from '../../kit/send-later.ts'
import { createRecentMap } from '../cost/recent-map.ts'
import type { DeprecatedUse } from '../operation/deprecations.ts'

/** That an app has used something that goes away. */
export interface NotedUse extends DeprecatedUse {
  readonly appId: string
}

export interface DeprecationNotices {
  /** Notes what an operation of an app used; in memory only. */
  watch(appId: string, uses: readonly DeprecatedUse[]): void
  /** Sends what waits; called at shutdown. */
  close(): Promise<void>
}

const sendEveryMs = 10_000
/** The same use of the same app is told again after this. */
const againAfterMs = 12 * 60 * 60 * 1_000
const mostRemembered = 20_000
const mostWaiting = 5_000

/**
 * Tells the partner subgraph which apps use what goes away: each coordinate of each app twice a day from each gateway,
 * whatever the traffic. How often somebody is written to because of it is decided there.
 */
export function createDeprecationNotices(options: {
  readonly send: (uses: readonly NotedUse[]) => Promise<void>
  readonly log: Logger
  readonly nowMs: () => number
}): DeprecationNotices {
  const told = createRecentMap<number>(mostRemembered)
  const later = createSendLater({
    send: options.send,
    everyMs: sendEveryMs,
    mostWaiting,
    log: options.log,
    complaint: 'deprecated uses could not be told yet; they are kept',
  })

  return {
    watch(appId, uses) {
      for (const use of uses) {
        const key = `${appId} ${use.coordinate}`
        const last = told.get(key)
        const now = options.nowMs()
        if (last !== undefined && now - last < againAfterMs) continue
        // What finds no room is not remembered either, so that the next use of it is told.
        if (later.add({ appId, ...use })) told.set(key, now)
      }
    },
    close: () => later.close(),
  }
}
