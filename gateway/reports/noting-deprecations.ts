import type { UsageRecorder } from '../cost/usage-recorder.ts'
import type { DeprecationNotices } from './deprecation-notices.ts'

/** The same recorder, which tells besides who uses what goes away: of operations that were admitted, and of streams. */
export function notingDeprecations(recorder: UsageRecorder, notices: DeprecationNotices): UsageRecorder {
  return {
    record(usage) {
      recorder.record(usage)
      const { deprecated } = usage.uses ?? {}
      if (deprecated && (usage.calls === 1 || usage.outcome === 'STREAM')) notices.watch(usage.appId, deprecated)
    },
    close: () => recorder.close(),
  }
}
