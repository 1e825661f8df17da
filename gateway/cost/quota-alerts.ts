import type { Logger } from '../../kit/log.ts'
import { createSendLater } from '../../kit/send-later.ts'
import type { Identity } from '../request.ts'
import type { LimitReading } from './charge.ts'

/** The parts of a quota, in percent, that someone is told of when they are used. */
const percents = [50, 80, 90, 100] as const

/** A quota that has been used to a part of it. */
export interface QuotaThreshold {
  readonly appId: string
  readonly quota: 'DAY' | 'MONTH' | 'ORGANIZATION_MONTH'
  readonly period: string
  readonly percent: number
  readonly used: number
  readonly most: number
}

export interface QuotaAlerts {
  /** Looks at how far an admitted operation has used its quotas up; in memory only. */
  watch(identity: Identity, readings: readonly LimitReading[]): void
  /** Sends what waits; called at shutdown. */
  close(): Promise<void>
}

const sendEveryMs = 1_000
/** Thresholds that may wait while billing is out of reach; a counter that starts anew finds those again. */
const mostWaiting = 10_000

/**
 * Tells billing of thresholds that calls have crossed, at least once each; billing counts each once per period. The
 * call that crosses one is told by the counter itself, so that of several gateways exactly one sees it. A counter that
 * knew nothing tells all that is crossed already, in case whoever crossed it died before it was told.
 */
export function createQuotaAlerts(options: {
  readonly send: (thresholds: readonly QuotaThreshold[]) => Promise<void>
  readonly log: Logger
}): QuotaAlerts {
  const later = createSendLater({
    send: options.send,
    everyMs: sendEveryMs,
    mostWaiting,
    log: options.log,
    complaint: 'quota alerts could not be told yet; they are kept',
  })

  return {
    watch({ caller }, readings) {
      for (const { limit, state } of readings) {
        if (limit.quota === null) continue
        const { kind, period } = limit.quota
        for (const percent of percents) {
          const threshold = (limit.most * percent) / 100
          if (state.used < threshold || (state.before !== null && state.before >= threshold)) continue
          const { appId } = caller
          if (later.add({ appId, quota: kind, period, percent, used: state.used, most: limit.most })) continue
          options.log.error({ appId, percent }, 'too many quota alerts wait; one is dropped')
        }
      }
    },
    close: () => later.close(),
  }
}
